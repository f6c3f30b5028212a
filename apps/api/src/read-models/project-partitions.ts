import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { FollowedPartitions, type JournalStore, type PartitionStanding } from '@summit/journal';
import { errorRecord, type Tracing } from '@summit/kernel';
import {
  migrate,
  openPool,
  PostgresProjection,
  type ProjectionVault,
  type ReadModelPool,
} from '@summit/read-models';
import { type Log } from '@summit/runtime';
import { type ProjectorSays } from './projector.ts';

/** From one transaction of a partition to the next at least, milliseconds: what arrives meanwhile shares one. */
const BATCH_MS = 25;
/** Until the database is looked for again, milliseconds. */
const RETRY_MS = 1_000;
const MAX_CONNECTIONS = 8;

export interface ProjectPartitions {
  readonly partitions: number;
  readonly postgresUrl: string;
  readonly vault: ProjectionVault;
  readonly storeOf: (partition: number) => JournalStore;
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly say: (says: ProjectorSays) => void;
}

/** Every partition's journal into PostgreSQL until it is aborted; where one is broken, the others go on. */
export async function projectPartitions(options: ProjectPartitions): Promise<void> {
  const { partitions, postgresUrl, vault, storeOf, tracing, log, signal, say } = options;
  const pool = openPool(postgresUrl, { max: Math.min(partitions, MAX_CONNECTIONS) });
  try {
    await migrated(pool, options);
    const { db } = pool;
    const followed = new FollowedPartitions({
      what: 'the read models',
      name: 'read-models',
      projections: Array.from(
        { length: partitions },
        (_, partition) => new PostgresProjection({ db, vault, partition }),
      ),
      everyMs: BATCH_MS,
      ...{ storeOf, tracing, log, now: Date.now },
      onChange: (standing) => {
        say(saysOf(standing));
      },
    });
    if (signal.aborted) return;
    followed.start();
    await once(signal, 'abort');
    await followed.close();
  } finally {
    await pool.close();
  }
}

const saysOf = ({ partition, sequence, pending, error }: PartitionStanding): ProjectorSays =>
  error ? { partition, trouble: error.message } : { partition, sequence, pending };

/** Waits for the database. */
async function migrated(
  pool: ReadModelPool,
  { partitions, log, signal, say }: ProjectPartitions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await migrate(pool);
      return;
    } catch (error) {
      const { message } = errorRecord(error);
      log.warn({ err: error }, 'the read models wait for PostgreSQL');
      for (let partition = 0; partition < partitions; partition++) say({ partition, trouble: message });
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
