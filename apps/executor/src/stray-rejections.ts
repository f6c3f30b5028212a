import { type Log } from '@summit/runtime';

/**
 * Promises that an app's code let fall must not end the process: other runs live in it, and the step that began them
 * has its outcome or its timeout. Each is told in the log. Returns the end of it.
 */
export function outliveStrayRejections(log: Log): () => void {
  const tell = (reason: unknown): void => {
    log.error({ err: reason }, 'a promise of the app was rejected and nobody looked; await it, or catch it');
  };
  process.on('unhandledRejection', tell);
  return () => {
    process.off('unhandledRejection', tell);
  };
}
