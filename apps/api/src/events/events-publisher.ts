import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Log } from '@summit/runtime';

/** What the publisher's thread is given. */
export interface PublisherData {
  readonly natsUrl: string;
  readonly dataDir: string;
  readonly partitions: number;
  /** Of its log. */
  readonly level: string;
}

/** A thread that ended is started again after this long, milliseconds. */
const AGAIN_MS = 1_000;
/** To end by itself, milliseconds. */
const END_MS = 2_000;

/** Keeps the thread that publishes `summit.events.>`; the api serves with it or without. */
@Injectable()
export class EventsPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #data: PublisherData;
  readonly #log: Log;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(data: PublisherData, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  onApplicationBootstrap(): void {
    this.#start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) =>
      worker.once('exit', () => {
        resolve();
      }),
    );
    worker.postMessage('end');
    const late = setTimeout(() => void worker.terminate(), END_MS);
    await ended;
    clearTimeout(late);
  }

  #start(): void {
    const worker = new Worker(new URL('./publisher.worker.ts', import.meta.url), { workerData: this.#data });
    this.#worker = worker;
    worker.on('error', (error: unknown) => {
      this.#log.error({ err: error }, 'events are not published; starting again');
    });
    worker.once('exit', () => {
      this.#worker = undefined;
      if (this.#stopped) return;
      this.#again = setTimeout(() => {
        this.#start();
      }, AGAIN_MS);
    });
  }
}
