import { type RawBuilder, sql, type Transaction } from 'kysely';
import { type AnyRow, type Batch } from './batch.ts';
import { type Database, shapeOf, type TableName } from './tables.ts';
import { SCHEMA } from './pool.ts';

/** Rows a statement. */
const CHUNK = 5_000;

/** Writes a batch: an upsert a table, its columns as arrays, so that a statement costs the same for any number of rows. */
export async function writeBatch(transaction: Transaction<Database>, batch: Batch): Promise<void> {
  for (const table of batch.tables) {
    const rows = batch.rows(table);
    for (let at = 0; at < rows.length; at += CHUNK) {
      await upsert(table, rows.slice(at, at + CHUNK)).execute(transaction);
    }
  }
}

function upsert(table: TableName, rows: readonly AnyRow[]): RawBuilder<unknown> {
  const { key, columns, first = [] } = shapeOf(table);
  const types = Object.entries(columns);
  const names = types.map(([name]) => name);
  const arrays = types.map(
    ([name, type]) => sql`${rows.map((row) => row[name] ?? null)}::${sql.raw(type)}[]`,
  );
  const target = sql.table(`${SCHEMA}.${table}`);
  const free = names.filter((name) => !key.includes(name));
  const sets = free.map((name) => {
    const [kept, given] = [sql.ref(`kept.${name}`), sql.ref(`excluded.${name}`)];
    const set = first.includes(name) ? sql`COALESCE(${kept}, ${given})` : sql`COALESCE(${given}, ${kept})`;
    return sql`${sql.ref(name)} = ${set}`;
  });
  return sql`INSERT INTO ${target} AS kept (${sql.join(names.map((name) => sql.ref(name)))})
    SELECT * FROM unnest(${sql.join(arrays)})
    ON CONFLICT (${sql.join(key.map((name) => sql.ref(name)))}) DO UPDATE SET ${sql.join(sets)}`;
}
