import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { errorRecord } from '@summit/kernel';

/** After a thread has ended without being asked: the next one in so long, twice as long each time, milliseconds. */
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** What has run so long before it ended starts afresh with the backoff. */
const STEADY_MS = 60_000;
/** How long it may take to end when it is asked to, milliseconds. */
const END_MS = 10_000;

export interface KeptThreadOptions {
  /** For the log. */
  readonly name: string;
  /** Its module. Any message that reaches it means: end. */
  readonly entry: URL;
  /** Its `workerData`; copied. */
  readonly data?: unknown;
  readonly log: { error(fields: object, message: string): void };
  /** What it says. */
  readonly onMessage?: (message: unknown) => void;
}

/**
 * Work in a thread of its own, beside what must not wait for it. Its end never ends the process: it is told in the log,
 * and another thread is started.
 */
export class KeptThread {
  readonly #options: KeptThreadOptions;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #waitMs = BACKOFF_MS;
  #closing = false;

  /** Starts it; nobody waits until it works. */
  constructor(options: KeptThreadOptions) {
    this.#options = options;
    this.#start();
  }

  #start(): void {
    const { name, entry, data, log, onMessage } = this.#options;
    const since = performance.now();
    const worker = new Worker(entry, { workerData: data });
    this.#worker = worker;
    if (onMessage) worker.on('message', onMessage);
    worker.on('error', (error: unknown) => {
      log.error({ thread: name, err: error, ...errorRecord(error) }, 'a thread failed');
    });
    worker.once('exit', (code: number) => {
      this.#worker = undefined;
      if (this.#closing) return;
      if (performance.now() - since > STEADY_MS) this.#waitMs = BACKOFF_MS;
      log.error({ thread: name, code, againMs: this.#waitMs }, 'a thread ended; another is started');
      this.#again = setTimeout(() => {
        this.#start();
      }, this.#waitMs);
      this.#waitMs = Math.min(MAX_BACKOFF_MS, this.#waitMs * 2);
    });
  }

  /** Asks it to end, and ends it where it does not. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (!worker) return;
    const ended = once(worker, 'exit');
    worker.postMessage('end');
    const late = setTimeout(() => void worker.terminate(), END_MS);
    await ended;
    clearTimeout(late);
  }
}
