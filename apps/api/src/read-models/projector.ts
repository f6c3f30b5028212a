import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Log } from '@summit/runtime';

/** What the projector's thread is given. */
export interface ProjectorData {
  readonly natsUrl: string;
  readonly dataDir: string;
  readonly partitions: number;
  /** Of the role that owns the read models. */
  readonly postgresUrl: string;
  /** Of its log. */
  readonly level: string;
  /** Where its spans go. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the thread says of a partition: when it begins, after each batch, and after each failure. */
export type ProjectorSays =
  | { readonly partition: number; readonly sequence: number; readonly pending?: number }
  | { readonly partition: number; readonly trouble: string };

/** How far a partition was when the thread spoke last. `trouble`: what keeps it from going on. */
export interface PartitionProgress {
  readonly sequence?: number;
  /** Groups that were still to come. */
  readonly pending?: number;
  readonly trouble?: string;
}

/** A thread that ended is started again after this long, milliseconds. */
const AGAIN_MS = 1_000;
/** To end by itself, milliseconds. */
const END_MS = 2_000;

/** Keeps the thread that fills the read models; the api serves with it or without. */
@Injectable()
export class Projector implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #data: ProjectorData;
  readonly #log: Log;
  readonly #progress = new Map<number, PartitionProgress>();
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(data: ProjectorData, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  get progress(): ReadonlyMap<number, PartitionProgress> {
    return this.#progress;
  }

  onApplicationBootstrap(): void {
    this.#start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
    });
    worker.postMessage('end');
    const late = setTimeout(() => void worker.terminate(), END_MS);
    await ended;
    clearTimeout(late);
  }

  #start(): void {
    const worker = new Worker(new URL('./projector.worker.ts', import.meta.url), { workerData: this.#data });
    this.#worker = worker;
    worker.on('message', ({ partition, ...says }: ProjectorSays) => {
      const before = 'trouble' in says ? this.#progress.get(partition) : {};
      this.#progress.set(partition, { ...before, ...says });
    });
    worker.on('error', (error: unknown) => {
      this.#log.error({ err: error }, 'the read models are not filled; starting again');
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
