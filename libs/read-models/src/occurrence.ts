/** What the parts of the projection share. */
import { type AnyEvent, type Commit } from '@summit/events';
import { type RowOf, type TableName } from './tables.ts';

/** A row of one table, to be made or changed. */
export type Change = { [T in TableName]: { readonly table: T; readonly row: RowOf<T> } }[TableName];

/** A commit, and where it stands. */
export interface PlacedCommit {
  readonly partition: number;
  /** Of its group. */
  readonly sequence: number;
  readonly id: string;
  readonly commit: Commit;
  readonly line: string;
}

/** What stands in clear for a name that people chose. */
export type Surrogate = (tenant: string, kind: string, name: string) => string;

/** A commit's event, and its id. */
export interface Occurrence<E extends AnyEvent = AnyEvent> extends PlacedCommit {
  readonly event: E;
  /** Number of the event in its commit. */
  readonly n: number;
  readonly causedBy: string;
}

export const eventId = ({ id }: PlacedCommit, n: number): string => `${id}.${String(n)}`;

/** A run's row, as the event leaves it. */
export function runOf({ commit, causedBy }: Occurrence, more: Partial<RowOf<'runs'>>): Change {
  return {
    table: 'runs',
    row: { tenant: commit.tenant, run_id: commit.entity.id, ...more, caused_by: causedBy },
  };
}

/** The commit's line, because a row refers to it. */
export function lineOf({ commit, id, partition, sequence, line }: PlacedCommit): Change {
  return { table: 'commits', row: { tenant: commit.tenant, commit_id: id, partition, sequence, line } };
}
