import { type Health, notReady } from '@summit/platform/http';
import { type ReadModelAccess } from './read-models/read-model-access.ts';

/** Whether requests can be served now. */
export type Readiness = () => boolean;

/** Ready while runs can be served, whatever the read models do; how far those are stands beside it. */
export const healthOfApi = (ready: Readiness, readModels: ReadModelAccess): Health => ({
  alive: () => ({ status: 'ok' }),
  ready() {
    if (ready()) return { status: 'ready', readModels: readModels.standing };
    throw notReady();
  },
});
