import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AnyRow, Batch, keyOf, merge } from './batch.ts';
import { type Change } from './occurrence.ts';
import { type TableName } from './tables.ts';

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Changes of few keys, so that they meet. */
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    table: fc.constant('runs' as const),
    row: fc.record({
      tenant: fc.constantFrom('a', 'b'),
      run_id: fc.constantFrom('r1', 'r2'),
      status: maybe(fc.constantFrom('running', 'completed')),
      version: maybe(fc.nat(9)),
    }),
  }),
  fc.record({
    table: fc.constant('threads' as const),
    row: fc.record({
      tenant: fc.constantFrom('a', 'b'),
      thread: fc.constantFrom('t1', 't2'),
      created_at: maybe(fc.nat(9)),
      updated_at: maybe(fc.nat(9)),
    }),
  }),
);

/** What the database holds after batches, each of which it merges into what is there. */
function stored(batches: readonly (readonly Change[])[]): Record<string, AnyRow> {
  const content: Record<string, AnyRow> = {};
  for (const changes of batches) {
    const batch = new Batch();
    for (const one of changes) batch.add(one);
    for (const table of batch.tables) for (const row of batch.rows(table)) upsert(content, table, row);
  }
  return content;
}

function upsert(content: Record<string, AnyRow>, table: TableName, row: AnyRow): void {
  const key = `${table} ${keyOf(table, row)}`;
  content[key] = merge(table, content[key] ?? {}, row);
}

describe('a batch', () => {
  it('[I7] gives the same rows however a history is cut into batches', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.array(fc.nat(30)), (changes, cuts) => {
        const edges = [
          0,
          ...cuts.filter((cut) => cut < changes.length).sort((a, b) => a - b),
          changes.length,
        ];
        const batches = edges.slice(1).map((end, i) => changes.slice(edges[i], end));
        expect(stored(batches)).toEqual(stored(changes.map((one) => [one])));
      }),
    );
  });
});
