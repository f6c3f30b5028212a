import { type Health, notReady } from '@summit/platform/http';
import { type BundleDesk } from './bundles/bundle-desk.ts';

/** Ready once its bundles can be asked for. */
export const healthOfDesk = (desk: BundleDesk): Health => ({
  alive: () => ({ status: 'ok' }),
  ready() {
    if (desk.ready) return { status: 'ready' };
    throw notReady();
  },
});
