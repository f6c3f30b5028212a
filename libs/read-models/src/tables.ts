/**
 * What the tables hold, for whoever writes or reads them; the migrations make them. No payload stands here in clear:
 * rows name commits, and `commits` keeps their lines as the journal stores them, sealed (docs/adr/0012).
 */

/** Types of PostgreSQL that are used, and what they are here. */
interface Types {
  readonly text: string;
  readonly integer: number;
  /** Counters, and times: milliseconds since the epoch, as in the journal. */
  readonly bigint: number;
  readonly boolean: boolean;
}

type Columns = Readonly<Record<string, keyof Types>>;

interface TableShape {
  /** Primary key, in order. */
  readonly key: readonly string[];
  /** Set when the row is made; what comes later does not change them. */
  readonly first?: readonly string[];
  readonly columns: Columns;
}

/** `caused_by` is the id of the event that changed the row last (C4.4). */
export const tables = {
  /** Lines that rows refer to. */
  commits: {
    key: ['tenant', 'commit_id'],
    columns: { tenant: 'text', commit_id: 'text', partition: 'integer', sequence: 'bigint', line: 'text' },
  },
  runs: {
    key: ['tenant', 'run_id'],
    columns: {
      tenant: 'text',
      run_id: 'text',
      partition: 'integer',
      thread: 'text',
      workflow: 'text',
      started_by: 'text',
      status: 'text',
      paused: 'boolean',
      version: 'bigint',
      executor: 'text',
      created_at: 'bigint',
      updated_at: 'bigint',
      ended_at: 'bigint',
      created_in: 'text',
      ended_in: 'text',
      caused_by: 'text',
    },
  },
  steps: {
    key: ['tenant', 'run_id', 'step'],
    columns: {
      tenant: 'text',
      run_id: 'text',
      step: 'integer',
      kind: 'text',
      effect: 'text',
      tool: 'text',
      action_hash: 'text',
      phase: 'text',
      attempt: 'integer',
      executor: 'text',
      proposed_at: 'bigint',
      settled_at: 'bigint',
      proposed_in: 'text',
      caused_by: 'text',
    },
  },
  decisions: {
    key: ['tenant', 'commit_id', 'n'],
    columns: {
      tenant: 'text',
      commit_id: 'text',
      n: 'integer',
      entity_kind: 'text',
      entity_id: 'text',
      entry: 'text',
      verdict: 'text',
      policy: 'text',
      actor: 'text',
      at: 'bigint',
      caused_by: 'text',
    },
  },
  threads: {
    key: ['tenant', 'thread'],
    first: ['created_at', 'created_in'],
    columns: {
      tenant: 'text',
      thread: 'text',
      partition: 'integer',
      last_run: 'text',
      created_at: 'bigint',
      updated_at: 'bigint',
      created_in: 'text',
      caused_by: 'text',
    },
  },
  messages: {
    key: ['tenant', 'run_id', 'index'],
    columns: {
      tenant: 'text',
      run_id: 'text',
      index: 'integer',
      role: 'text',
      at: 'bigint',
      commit_id: 'text',
      n: 'integer',
      caused_by: 'text',
    },
  },
  state_versions: {
    key: ['tenant', 'commit_id', 'n'],
    columns: {
      tenant: 'text',
      commit_id: 'text',
      n: 'integer',
      entity_kind: 'text',
      entity_id: 'text',
      state_version: 'bigint',
      actor: 'text',
      at: 'bigint',
      caused_by: 'text',
    },
  },
  approvals: {
    key: ['tenant', 'approval'],
    columns: {
      tenant: 'text',
      approval: 'text',
      run_id: 'text',
      step: 'integer',
      about: 'text',
      status: 'text',
      action_hash: 'text',
      quorum: 'integer',
      expires_at: 'bigint',
      requested_at: 'bigint',
      settled_at: 'bigint',
      requested_in: 'text',
      shown_in: 'text',
      terms_in: 'text',
      caused_by: 'text',
    },
  },
  answers: {
    key: ['tenant', 'commit_id', 'n'],
    columns: {
      tenant: 'text',
      commit_id: 'text',
      n: 'integer',
      approval: 'text',
      decision: 'text',
      outcome: 'text',
      action_hash: 'text',
      actor: 'text',
      at: 'bigint',
      caused_by: 'text',
    },
  },
} as const satisfies Readonly<Record<string, TableShape>>;

export type TableName = keyof typeof tables;
type ColumnsOf<T extends TableName> = (typeof tables)[T]['columns'];
type ValueOf<T extends TableName, C extends keyof ColumnsOf<T>> = ColumnsOf<T>[C] extends keyof Types
  ? Types[ColumnsOf<T>[C]]
  : never;

/** What is to be set in the row of a key; what is not named stays as it is. */
export type RowOf<T extends TableName> = {
  readonly [C in Extract<keyof ColumnsOf<T>, (typeof tables)[T]['key'][number]>]: ValueOf<T, C>;
} & {
  readonly [C in Exclude<keyof ColumnsOf<T>, (typeof tables)[T]['key'][number]>]?: ValueOf<T, C> | undefined;
};

/** A row as it is read. */
type StoredRow<T extends TableName> = {
  readonly [C in keyof ColumnsOf<T>]: C extends (typeof tables)[T]['key'][number]
    ? ValueOf<T, C>
    : ValueOf<T, C> | null;
};

interface PositionRow {
  readonly partition: number;
  readonly generation: number;
  readonly sequence: number;
  readonly digest: string;
  readonly epoch: number;
  /** Of the newest commit that is in, milliseconds since the epoch. */
  readonly at: number;
}

/** For Kysely. */
export type Database = { readonly [T in TableName]: StoredRow<T> } & { readonly positions: PositionRow };

/** What the generic parts need of a table. */
export function shapeOf(table: TableName): TableShape {
  return tables[table];
}
