import { type Change } from './occurrence.ts';
import { shapeOf, type TableName } from './tables.ts';

type Value = string | number | boolean | undefined;
/** A row whose shape its table knows. */
export type AnyRow = Readonly<Record<string, Value>>;

/** Changes of a batch, one row a key: what comes later completes or replaces what came before. Pure. */
export class Batch {
  readonly #rows = new Map<TableName, Map<string, AnyRow>>();

  add({ table, row }: Change): void {
    const next: AnyRow = row;
    const rows = this.#rows.get(table) ?? new Map<string, AnyRow>();
    if (rows.size === 0) this.#rows.set(table, rows);
    const key = keyOf(table, next);
    const before = rows.get(key);
    rows.set(key, before ? merge(table, before, next) : next);
  }

  /** Tables that have rows. */
  get tables(): readonly TableName[] {
    return [...this.#rows.keys()];
  }

  rows(table: TableName): readonly AnyRow[] {
    return [...(this.#rows.get(table)?.values() ?? [])];
  }

  /** All of them. */
  get size(): number {
    return [...this.#rows.values()].reduce((sum, rows) => sum + rows.size, 0);
  }
}

/** The same as the upsert does in the database: an absent value changes nothing. */
export function merge(table: TableName, before: AnyRow, next: AnyRow): AnyRow {
  const merged: Record<string, Value> = { ...before };
  const { first = [] } = shapeOf(table);
  for (const [column, value] of Object.entries(next)) {
    if (value === undefined || (first.includes(column) && before[column] !== undefined)) continue;
    merged[column] = value;
  }
  return merged;
}

export function keyOf(table: TableName, row: AnyRow): string {
  return shapeOf(table)
    .key.map((column) => String(row[column]))
    .join('\n');
}
