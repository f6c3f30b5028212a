import { join } from 'node:path';
import { type NatsConnection } from '@nats-io/transport-node';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { NatsJournalStore, natsObjectStore } from '@summit/journal-nats';
import { type ObjectStore, readCommit } from '@summit/objects';
import { type Log, NatsTokenSource, partitionOfRun, type TokenSource } from '@summit/runtime';
import { type Cursor } from '@summit/streams';
import { FileKeyStore, Vault } from '@summit/vault';
import { PartitionHub } from './partition-hub.ts';
import { notFound, type PartitionSource, RunFeed } from './run-feed.ts';
import { RunHistory } from './run-history.ts';
import { type RunName } from './run-lines.ts';

/** Where streams come from. */
export interface RunFeedsOptions {
  readonly nc: NatsConnection;
  /** Keys stand under `keys/`. */
  readonly dataDir: string;
  readonly partitions: number;
  readonly log: Log;
}

/** Feeds of every run of the deployment; what they share is made when the first is asked for. */
@Injectable()
export class RunFeeds implements OnApplicationShutdown {
  readonly #options: RunFeedsOptions;
  readonly #sources = new Map<number, PartitionSource>();
  readonly #tokens: TokenSource;
  readonly #end = new AbortController();
  #keys: FileKeyStore | undefined;
  #objects: Promise<ObjectStore> | undefined;

  constructor(options: RunFeedsOptions) {
    this.#options = options;
    this.#tokens = new NatsTokenSource(options.nc, options.log);
  }

  /** A feed, to be read at once. Throws `RUN_NOT_FOUND` where the id can be of no run. */
  open(run: RunName, after: Cursor | undefined, signal: AbortSignal): RunFeed {
    const partition = partitionOfRun(run.runId, this.#options.partitions);
    if (partition === undefined) throw notFound(run.runId);
    return new RunFeed({
      run,
      ...(after && { after }),
      source: this.#source(partition),
      tokens: this.#tokens,
      signal: AbortSignal.any([signal, this.#end.signal]),
    });
  }

  /** What ended a stream in its middle is a matter of the log. */
  failed(runId: string, error: unknown): void {
    this.#options.log.warn({ err: error, runId }, 'a stream broke off');
  }

  async onApplicationShutdown(): Promise<void> {
    this.#end.abort();
    for (const { hub } of this.#sources.values()) hub.close();
    await this.#keys?.close();
  }

  #source(partition: number): PartitionSource {
    const known = this.#sources.get(partition);
    if (known) return known;
    const store = new NatsJournalStore(this.#options.nc, { partition });
    this.#keys ??= new FileKeyStore(join(this.#options.dataDir, 'keys'));
    const opener = new Vault(this.#keys);
    const objects = {
      get: async (...name: Parameters<ObjectStore['get']>) => (await this.#store()).get(...name),
    };
    const source = {
      store,
      hub: new PartitionHub(store),
      history: new RunHistory(store),
      open: (line: string) => readCommit(line, { partition, opener, objects }),
    };
    this.#sources.set(partition, source);
    return source;
  }

  #store(): Promise<ObjectStore> {
    this.#objects ??= natsObjectStore(this.#options.nc).catch((error: unknown) => {
      this.#objects = undefined;
      throw error;
    });
    return this.#objects;
  }
}
