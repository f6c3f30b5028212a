import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { errorRecord } from '@summit/kernel';
import { type Log } from '@summit/runtime';

/** After a thread has ended without being asked: the next one in so long, twice as long each time, milliseconds. */
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

/**
 * A service in a thread of the host, away from the leaders' own. It is not waited for, and its end never ends the host:
 * it is told in the log, and another thread is started. Any message means: end.
 */
export class ServiceThread {
  readonly #name: string;
  readonly #entry: URL;
  readonly #log: Log;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #waitMs = BACKOFF_MS;
  #closing = false;

  constructor(name: string, entry: URL, log: Log) {
    this.#name = name;
    this.#entry = entry;
    this.#log = log;
    this.#start();
  }

  #start(): void {
    const worker = new Worker(this.#entry);
    this.#worker = worker;
    worker.on('error', (error: unknown) => {
      this.#log.error({ thread: this.#name, err: error, ...errorRecord(error) }, 'a thread failed');
    });
    worker.once('exit', (code: number) => {
      if (this.#closing) return;
      this.#log.error({ thread: this.#name, code, againMs: this.#waitMs }, 'a thread ended');
      this.#again = setTimeout(() => this.#start(), this.#waitMs);
      this.#waitMs = Math.min(MAX_BACKOFF_MS, this.#waitMs * 2);
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (!worker || worker.threadId < 0) return;
    const ended = once(worker, 'exit');
    worker.postMessage('close');
    await ended;
  }
}
