import { join } from 'node:path';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  type FollowedGroup,
  type JournalStore,
  project,
  type Projection,
  tracedProjection,
} from '@summit/journal';
import { errorRecord, isObject, type Tracing } from '@summit/kernel';
import { type Log } from '@summit/runtime';
import { decodeBundle, encodeBundle, type LogName, type Tile } from '@summit/transparency-log';
import { type LogKey } from '../keys/log-key.ts';
import { type CheckpointStore, FileCheckpointStore } from '../store/checkpoint-store.ts';
import { FileTileStore } from '../store/file-tile-store.ts';
import { type TileStore } from '../store/tile-store.ts';
import { type LogAt, logsDigest } from './logs-digest.ts';
import { PartitionLogs } from './partition-logs.ts';
import { type TenantLog } from './tenant-log.ts';

/** Between two checkpoints of a partition that is being written, milliseconds: half of what a leaf may wait. */
const CHECKPOINT_MS = 400;

/** Where tiles and checkpoints lie in a data directory. */
export const auditStores = (dataDir: string): { tiles: TileStore; checkpoints: CheckpointStore } => ({
  tiles: new FileTileStore(join(dataDir, 'audit')),
  checkpoints: new FileCheckpointStore(join(dataDir, 'checkpoints')),
});

export interface AuditLogsOptions {
  readonly partitions: number;
  readonly deployment: string;
  readonly key: LogKey;
  readonly tiles: TileStore;
  readonly checkpoints: CheckpointStore;
  readonly store: (partition: number) => Promise<JournalStore>;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

/** How one partition does. */
export interface PartitionHealth {
  readonly partition: number;
  readonly sequence: number;
  /** Groups of the journal that are not covered yet, when it was looked at last. */
  readonly pending: number;
  /** Code of what stopped it for good. */
  readonly stopped?: string;
  /** Milliseconds from the oldest commit of the last batch to the checkpoint that covers it. */
  readonly lagMs: number;
}

/** What a rebuild found. */
export interface Rebuilt {
  readonly logs: number;
  readonly leaves: number;
  readonly before: string;
  readonly after: string;
}

/** A partition that is followed: replaced as a whole by a rebuild. */
interface Followed {
  readonly logs: PartitionLogs;
  readonly stop: AbortController;
  readonly done: Promise<void>;
  pending: number;
  lagMs: number;
  /** Why it stopped for good. */
  error?: unknown;
  /** Called after each batch, and at the end. */
  onChange: () => void;
}

/** Follows every partition's journal and keeps its logs. One that stops leaves the others as they are. */
export class AuditLogs implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: AuditLogsOptions;
  readonly #followed = new Map<number, Followed>();

  constructor(options: AuditLogsOptions) {
    this.#options = options;
  }

  onApplicationBootstrap(): void {
    for (let partition = 0; partition < this.#options.partitions; partition++) this.#follow(partition);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const { stop } of this.#followed.values()) stop.abort();
    await Promise.all([...this.#followed.values()].map(({ done }) => done));
  }

  get tiles(): TileStore {
    return this.#options.tiles;
  }

  /** The log of a tenant in a partition, where something of it was signed. */
  find(tenant: string, partition: number): TenantLog | undefined {
    const log = this.#followed.get(partition)?.logs.log(tenant);
    return log?.signed && log;
  }

  /** A tile's or a bundle's bytes at its width, where they are stored. */
  async bytesOf(name: LogName, tile: Tile): Promise<Uint8Array | undefined> {
    const bytes = await this.tiles.read(name, tile);
    return bytes && tile.level === 'entries' ? encodeBundle(decodeBundle(bytes, tile.width)) : bytes;
  }

  /** Every log of a tenant, by partition. */
  of(tenant: string): TenantLog[] {
    return [...this.#followed.keys()].flatMap((partition) => this.find(tenant, partition) ?? []);
  }

  get health(): PartitionHealth[] {
    return [...this.#followed.values()].map(({ logs: { partition, sequence }, pending, error, lagMs }) => ({
      partition,
      sequence,
      pending,
      lagMs,
      ...(error !== undefined && { stopped: errorRecord(error).code }),
    }));
  }

  /** Leaves under signed checkpoints. */
  get leaves(): number {
    return this.#signed().reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Forgets every tile and makes them again from the journal; what was signed stays, and must come out again.
   * Resolves when all that was covered before is covered again; rejects with what stopped it.
   */
  async rebuild(): Promise<Rebuilt> {
    const before = this.#signed();
    const digest = await logsDigest(this.tiles, before);
    const old = [...this.#followed.values()];
    await Promise.all(old.map((followed) => this.#again(followed)));
    const leaves = before.reduce((sum, { size }) => sum + size, 0);
    return { logs: before.length, leaves, before: digest, after: await logsDigest(this.tiles, before) };
  }

  /** Drops and follows one partition anew; resolves when it is where it was. */
  async #again({ logs: { partition, sequence }, stop, done }: Followed): Promise<void> {
    stop.abort();
    await done;
    await this.tiles.drop(partition);
    const followed = this.#follow(partition);
    await new Promise<void>((resolve, reject) => {
      followed.onChange = () => {
        if (followed.error instanceof Error) reject(followed.error);
        else if (followed.logs.sequence >= sequence || followed.stop.signal.aborted) resolve();
      };
      followed.onChange();
    });
  }

  #signed(): LogAt[] {
    const logs = [...this.#followed.values()].flatMap(({ logs: partition }) => partition.logs);
    return logs.flatMap(({ name, signed }) => (signed ? [{ ...name, size: signed.size }] : []));
  }

  #follow(partition: number): Followed {
    const { deployment, key, tiles, checkpoints, log } = this.#options;
    const onRebuild = (): void =>
      log.warn({ partition }, 'the tiles are not what was signed; they are made again');
    const logs = new PartitionLogs({ partition, deployment, key, tiles, checkpoints, onRebuild });
    const { promise: done, resolve } = Promise.withResolvers<undefined>();
    const stop = new AbortController();
    const followed: Followed = { logs, stop, done, pending: 0, lagMs: 0, onChange: () => undefined };
    this.#followed.set(partition, followed);
    void this.#run(followed).finally(() => resolve(undefined));
    return followed;
  }

  async #run(followed: Followed): Promise<void> {
    const { partition } = followed.logs;
    const { log, tracing } = this.#options;
    try {
      const store = await this.#options.store(partition);
      await project({
        store,
        partition,
        projection: tracedProjection(this.#timed(followed), { name: 'audit', partition, tracing }),
        signal: followed.stop.signal,
        everyMs: CHECKPOINT_MS,
        listener: {
          onProgress: (_, pending) => {
            followed.pending = pending;
            followed.onChange();
          },
          onTrouble: (error, retryMs) => {
            log.warn({ partition, retryMs, err: error }, 'the logs could not be kept; trying again');
          },
        },
      });
    } catch (error) {
      followed.error = error;
      log.error({ partition, err: error, ...errorRecord(error) }, 'the logs of a partition have stopped');
    }
    followed.onChange();
  }

  /** Measures how long the oldest commit of a batch waited. */
  #timed(followed: Followed): Projection {
    const { logs } = followed;
    return {
      position: () => logs.position(),
      apply: async (groups, from) => {
        await logs.apply(groups, from);
        const at = groups[0] && atOf(groups[0]);
        if (at !== undefined) followed.lagMs = this.#options.now() - at;
      },
    };
  }
}

/** When a group's first commit was made. */
function atOf({ commits }: FollowedGroup): number | undefined {
  const value: unknown = JSON.parse(commits[0]?.line ?? 'null');
  return isObject(value) && typeof value['at'] === 'number' ? value['at'] : undefined;
}
