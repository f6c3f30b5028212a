import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';

/** In a thread that `KeptThread` keeps: aborts when the thread is asked to end. */
export function threadEnd(): AbortSignal {
  const end = new AbortController();
  parentPort?.once('message', () => {
    end.abort();
  });
  return end.signal;
}

/** Lets the calling thread stand back (on Linux it alone), as `os.constants.priority` names it. */
export function standBack(priority: number, log: { debug(fields: object, message: string): void }): void {
  try {
    setPriority(0, priority);
  } catch (error) {
    log.debug({ err: error }, 'the priority stays as it is');
  }
}
