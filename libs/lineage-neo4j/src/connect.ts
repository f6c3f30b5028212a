import neo4j, { type Config, type Driver, type ManagedTransaction, type Session } from 'neo4j-driver';
import { SummitError } from '@summit/kernel';
import { graphUnreachable } from './errors.ts';

/** How a Neo4j is reached. */
export interface Neo4jAddress {
  /** `bolt://host:port` or `neo4j://host:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A transaction that waits longer than this for a connection or a lock is given up, milliseconds. */
const PATIENCE_MS = 10_000;

// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the driver calls a plain object so
const SETTINGS: Config = {
  disableLosslessIntegers: true,
  connectionTimeout: PATIENCE_MS,
  connectionAcquisitionTimeout: PATIENCE_MS,
  maxTransactionRetryTime: PATIENCE_MS,
  telemetryDisabled: true,
};

/** Splits `bolt://user:password@host:port`. */
export function neo4jAddress(url: string): Neo4jAddress {
  const { protocol, host, username, password } = new URL(url);
  const [user, secret] = [username, password].map(decodeURIComponent);
  return { url: `${protocol}//${host}`, user: user ?? '', password: secret ?? '' };
}

/** One driver; every failure to reach the server leaves as `GRAPH_UNREACHABLE`. */
export class Connection {
  readonly #driver: Driver;

  constructor({ url, user, password }: Neo4jAddress) {
    this.#driver = neo4j.driver(url, neo4j.auth.basic(user, password), SETTINGS);
  }

  /** Runs in a transaction that is tried again where the server says that this may help. */
  write<T>(work: (transaction: ManagedTransaction) => Promise<T>): Promise<T> {
    return this.#within((session) => session.executeWrite(work));
  }

  read<T>(work: (transaction: ManagedTransaction) => Promise<T>): Promise<T> {
    return this.#within((session) => session.executeRead(work));
  }

  /** A statement that makes transactions of its own, or changes the schema. */
  async run(statement: string): Promise<void> {
    await this.#within((session) => session.run(statement));
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  async #within<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#driver.session();
    try {
      return await work(session);
    } catch (error) {
      throw error instanceof SummitError ? error : graphUnreachable(error);
    } finally {
      await session.close().catch(() => undefined);
    }
  }
}
