import { join } from 'node:path';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { FollowedPartitions, type JournalStore, type PartitionStanding } from '@summit/journal';
import { type Tracing } from '@summit/kernel';
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
/** For people. */
export const LOGS = 'the logs';

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
  readonly storeOf: (partition: number) => JournalStore;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

/** What a rebuild found. */
export interface Rebuilt {
  readonly logs: number;
  readonly leaves: number;
  readonly before: string;
  readonly after: string;
}

/** Follows every partition's journal and keeps its logs. One that stops leaves the others as they are. */
export class AuditLogs implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #tiles: TileStore;
  readonly #partitions: readonly PartitionLogs[];
  readonly #followed: FollowedPartitions;

  constructor({
    partitions,
    deployment,
    key,
    tiles,
    checkpoints,
    storeOf,
    log,
    tracing,
    now,
  }: AuditLogsOptions) {
    const onRebuild = (partition: number): void =>
      log.warn({ partition }, 'the tiles are not what was signed; they are made again');
    const options = { deployment, key, tiles, checkpoints, onRebuild };
    this.#tiles = tiles;
    this.#partitions = Array.from(
      { length: partitions },
      (_, partition) => new PartitionLogs({ partition, ...options }),
    );
    this.#followed = new FollowedPartitions({
      what: LOGS,
      name: 'audit',
      projections: this.#partitions,
      everyMs: CHECKPOINT_MS,
      ...{ storeOf, log, tracing, now },
    });
  }

  onApplicationBootstrap(): void {
    this.#followed.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.#followed.close();
  }

  get tiles(): TileStore {
    return this.#tiles;
  }

  /** How far each partition is covered by checkpoints. */
  get standings(): readonly PartitionStanding[] {
    return this.#followed.standings;
  }

  /** Leaves under signed checkpoints. */
  get leaves(): number {
    return leavesOf(this.#signed());
  }

  /** The log of a tenant in a partition, where something of it was signed. */
  find(tenant: string, partition: number): TenantLog | undefined {
    const log = this.#partitions[partition]?.log(tenant);
    return log?.signed && log;
  }

  /** Every log of a tenant, by partition. */
  of(tenant: string): TenantLog[] {
    return this.#partitions.flatMap(({ partition }) => this.find(tenant, partition) ?? []);
  }

  /** A tile's or a bundle's bytes at its width, where they are stored. */
  async bytesOf(name: LogName, tile: Tile): Promise<Uint8Array | undefined> {
    const bytes = await this.#tiles.read(name, tile);
    return bytes && tile.level === 'entries' ? encodeBundle(decodeBundle(bytes, tile.width)) : bytes;
  }

  /**
   * Forgets every tile and makes them again from the journal; what was signed stays, and must come out again.
   * Resolves when all that was covered before is covered again; rejects with what stopped it.
   */
  rebuild(): Promise<Rebuilt> {
    return this.#followed.rebuild(async (refill) => {
      const logs = this.#signed();
      const before = await logsDigest(this.#tiles, logs);
      for (const { partition } of this.#partitions) await this.#tiles.drop(partition);
      await refill();
      const after = await logsDigest(this.#tiles, logs);
      return { logs: logs.length, leaves: leavesOf(logs), before, after };
    });
  }

  #signed(): LogAt[] {
    const logs = this.#partitions.flatMap((partition) => partition.logs);
    return logs.flatMap(({ name, signed }) => (signed ? [{ ...name, size: signed.size }] : []));
  }
}

const leavesOf = (logs: readonly LogAt[]): number => logs.reduce((sum, { size }) => sum + size, 0);
