import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { KeptThread } from '@summit/platform';
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

/** Keeps the thread that fills the read models; the api serves with it or without. */
@Injectable()
export class Projector implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #data: ProjectorData;
  readonly #log: Log;
  readonly #progress = new Map<number, PartitionProgress>();
  #thread: KeptThread | undefined;

  constructor(data: ProjectorData, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  get progress(): ReadonlyMap<number, PartitionProgress> {
    return this.#progress;
  }

  onApplicationBootstrap(): void {
    this.#thread = new KeptThread({
      name: 'read models',
      entry: new URL('./projector.worker.ts', import.meta.url),
      data: this.#data,
      log: this.#log,
      onMessage: (message) => {
        this.#heard(message as ProjectorSays);
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#thread?.close();
  }

  #heard({ partition, ...says }: ProjectorSays): void {
    const before = 'trouble' in says ? this.#progress.get(partition) : {};
    this.#progress.set(partition, { ...before, ...says });
  }
}
