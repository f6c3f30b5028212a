import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Database } from './tables.ts';

/** All of a deployment's tables. */
export const SCHEMA = 'summit';
const CONNECT_MS = 5_000;
const INT8 = pg.types.builtins.INT8;

/** Milliseconds and counters fit a number. */
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, Number);

/** Connections of one role. */
export interface ReadModelPool {
  readonly db: Kysely<Database>;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Connections at most. */
  readonly max?: number;
  /** Sent with every connection, such as `synchronous_commit`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Connects when it is first used, and again whenever the server was away. */
export function openPool(url: string, { max = 4, settings = {} }: PoolOptions = {}): ReadModelPool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  });
  // An idle connection that breaks is no event: whoever asks next gets another, or is told by the call itself.
  pool.on('error', () => undefined);
  // Nor is one that breaks between two statements of a transaction: the second one says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }).withSchema(SCHEMA);
  return { db, close: () => db.destroy() };
}

/** One connection, for as long as the work takes. */
export async function connectTo<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, types });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
