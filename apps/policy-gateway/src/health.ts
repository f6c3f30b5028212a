import { RetryableError } from '@summit/kernel';
import { type Health } from '@summit/platform/http';
import { type BundleDesk } from './bundles/bundle-desk.ts';

/** Ready once its bundles can be asked for. */
export const healthOfDesk = (desk: BundleDesk): Health => ({
  alive: () => ({ status: 'ok' }),
  ready() {
    if (desk.ready) return { status: 'ready' };
    throw new RetryableError('NOT_READY', 'the service is not ready', 'Ask again in a moment.');
  },
});
