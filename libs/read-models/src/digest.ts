import { createHash } from 'node:crypto';
import { type Digest } from '@summit/kernel';
import { type Kysely, sql, type Transaction } from 'kysely';
import { SCHEMA } from './pool.ts';
import { type Database, shapeOf, type TableName, tables } from './tables.ts';

/** Rows in memory at once. */
const FETCH = 5_000;

/** What stands in the tables, as one digest for each and one for all; positions included. */
export interface ContentDigest {
  readonly digest: Digest;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly digest: Digest }>>;
}

/**
 * SHA-256 over every row of every tenant, as PostgreSQL writes it, in the order of the keys; a table's digest goes into
 * the whole by name. One snapshot. The role must see every tenant's rows.
 */
export function contentDigest(db: Kysely<Database>): Promise<ContentDigest> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const all = createHash('sha256');
      const found: Record<string, { rows: number; digest: Digest }> = {};
      for (const [table, key] of keysOfTables()) {
        const one = await tableDigest(transaction, table, key);
        all.update(`${table} ${one.digest}\n`);
        found[table] = one;
      }
      return { digest: all.digest('hex'), tables: found };
    });
}

function keysOfTables(): (readonly [string, readonly string[]])[] {
  const names = Object.keys(tables) as TableName[];
  const known = names.map((name) => [name, shapeOf(name).key] as const);
  return [...known, ['positions', ['partition', 'generation']] as const].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function tableDigest(
  transaction: Transaction<Database>,
  table: string,
  key: readonly string[],
): Promise<{ rows: number; digest: Digest }> {
  const order = sql.join(key.map((column) => sql.ref(column)));
  await sql`DECLARE content NO SCROLL CURSOR FOR SELECT one::text AS row FROM ${sql.table(`${SCHEMA}.${table}`)} AS one
    ORDER BY ${order}`.execute(transaction);
  const hash = createHash('sha256');
  let count = 0;
  for (;;) {
    const { rows } = await sql<{ row: string }>`FETCH ${sql.lit(FETCH)} FROM content`.execute(transaction);
    if (rows.length === 0) break;
    for (const { row } of rows) hash.update(`${row}\n`);
    count += rows.length;
  }
  await sql`CLOSE content`.execute(transaction);
  return { rows: count, digest: hash.digest('hex') };
}
