/**
 * The tables thrown away and made again from the journal, up to where they stood: the same content, or a defect. // I7
 */
import { type JournalPosition, type JournalStore, project } from '@summit/journal';
import { type Kysely, sql } from 'kysely';
import { type ContentDigest, contentDigest } from './digest.ts';
import { migrate } from './migrations/migrate.ts';
import { openPool, SCHEMA } from './pool.ts';
import { PostgresProjection, REBUILD_LOCK } from './postgres-projection.ts';
import { type ProjectionVault } from './read-groups.ts';
import { type Database } from './tables.ts';

export interface RebuildOptions {
  /** Of the role that owns the schema. */
  readonly url: string;
  readonly vault: ProjectionVault;
  readonly storeOf: (partition: number) => JournalStore;
  readonly signal: AbortSignal;
  readonly progress?: (partition: number, sequence: number, of: number) => void;
}

export interface Rebuilt {
  readonly equal: boolean;
  readonly before: ContentDigest;
  readonly after: ContentDigest;
  /** Milliseconds of the rebuild itself. */
  readonly ms: number;
  readonly rows: number;
}

/** Projections of other processes wait meanwhile, and then go on where they stood. */
export async function rebuildReadModels(options: RebuildOptions): Promise<Rebuilt> {
  const pool = openPool(options.url, { max: 4 });
  try {
    return await pool.db.connection().execute(async (held) => {
      await sql`SELECT pg_advisory_lock(${REBUILD_LOCK})`.execute(held);
      const positions = await pool.db.selectFrom('positions').select(['partition', 'sequence']).execute();
      const before = await contentDigest(pool.db);
      const began = performance.now();
      await sql`DROP SCHEMA ${sql.raw(SCHEMA)} CASCADE`.execute(pool.db);
      await migrate(pool);
      const rows = await Promise.all(
        positions.map(({ partition, sequence }) => rebuildPartition(pool.db, options, partition, sequence)),
      );
      const ms = performance.now() - began;
      const after = await contentDigest(pool.db);
      const sum = rows.reduce((total, one) => total + one, 0);
      return { equal: before.digest === after.digest, before, after, ms, rows: sum };
    });
  } finally {
    await pool.close();
  }
}

/** Projects up to a position, and not a group further; the rows that were written. */
async function rebuildPartition(
  db: Kysely<Database>,
  { vault, storeOf, signal, progress }: RebuildOptions,
  partition: number,
  until: number,
): Promise<number> {
  const projection = new PostgresProjection({ db, vault, partition, rebuilds: true });
  const listener = {
    onProgress: ({ sequence }: JournalPosition) => progress?.(partition, sequence, until),
  };
  await project({ store: storeOf(partition), partition, projection, signal, until, listener });
  signal.throwIfAborted();
  return projection.rows;
}
