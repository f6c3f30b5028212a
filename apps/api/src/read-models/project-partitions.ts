import { setTimeout as delay } from 'node:timers/promises';
import { type JournalStore, project, type Projection, tracedProjection } from '@summit/journal';
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
  const pool = openPool(options.postgresUrl, { max: Math.min(options.partitions, MAX_CONNECTIONS) });
  try {
    await migrated(pool, options);
    const all = Array.from({ length: options.partitions }, (_, partition) => partition);
    await Promise.all(all.map((partition) => projectOne(pool, partition, options)));
  } finally {
    await pool.close();
  }
}

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

async function projectOne(
  { db }: ReadModelPool,
  partition: number,
  { vault, storeOf, tracing, log, signal, say }: ProjectPartitions,
): Promise<void> {
  const rows = new PostgresProjection({ db, vault, partition });
  const projection: Projection = {
    async position() {
      const kept = await rows.position();
      say({ partition, sequence: kept?.sequence ?? 0 }); // the database is back
      return kept;
    },
    apply: (groups, from) => rows.apply(groups, from),
  };
  try {
    await project({
      store: storeOf(partition),
      partition,
      projection: tracedProjection(projection, { name: 'read-models', partition, tracing }),
      signal,
      everyMs: BATCH_MS,
      listener: {
        onProgress: ({ sequence }, pending) => {
          say({ partition, sequence, pending });
        },
        onTrouble: (error, retryMs) => {
          say({ partition, trouble: errorRecord(error).message });
          log.warn({ err: error, partition, retryMs }, 'the read models do not go on');
        },
      },
    });
  } catch (error) {
    say({ partition, trouble: errorRecord(error).message });
    log.error({ err: error, partition }, 'the read models of this partition have stopped');
  }
}
