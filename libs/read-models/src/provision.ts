import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { connectTo } from './pool.ts';

/** Owns the schema, writes every tenant's rows; no superuser. */
export const PROJECTOR = 'summit_projector';
/** Reads, and row-level security shows it the rows of one tenant at a time. */
export const QUERY = 'summit_query';
/** Of a deployment, unless it is named. */
export const DATABASE = 'summit';
/** A query that takes longer is ended by the server. */
const QUERY_TIMEOUT = '10s';

/** How the two roles reach the read models. */
export interface ReadModelUrls {
  readonly projector: string;
  readonly query: string;
}

export interface ProvisionOptions {
  readonly database?: string;
  /** Of the roles; made anew where they are not given. */
  readonly passwords?: { readonly projector: string; readonly query: string };
}

/**
 * Makes database and roles where they are missing, as somebody who may (a superuser, or `CREATEROLE CREATEDB`); what
 * is there keeps its content. An operator may do the same by hand: deploy/postgres/README.md.
 */
export async function provisionReadModels(
  adminUrl: string,
  { database = DATABASE, passwords = newPasswords() }: ProvisionOptions = {},
): Promise<ReadModelUrls> {
  const options = { database, passwords };
  await connectTo(adminUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [PROJECTOR]);
    for (const role of [PROJECTOR, QUERY]) await makeRole(client, role);
    for (const statement of roleStatements(options)) await client.query(statement);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    const name = pg.escapeIdentifier(database);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${name} OWNER ${PROJECTOR}`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CREATE ON DATABASE ${name} TO ${PROJECTOR}`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${PROJECTOR}, ${QUERY}`);
  });
  const url = (user: string, password: string): string =>
    Object.assign(new URL(adminUrl), { username: user, password, pathname: `/${database}` }).href;
  return { projector: url(PROJECTOR, passwords.projector), query: url(QUERY, passwords.query) };
}

/** Random ones, 32 hexadecimal digits each. */
export function newPasswords(): { projector: string; query: string } {
  const password = (): string => randomBytes(16).toString('hex');
  return { projector: password(), query: password() };
}

async function makeRole(client: pg.Client, role: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (found.rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN NOINHERIT`);
}

function roleStatements({ passwords }: Required<ProvisionOptions>): string[] {
  return [
    `ALTER ROLE ${PROJECTOR} PASSWORD ${pg.escapeLiteral(passwords.projector)}`,
    `ALTER ROLE ${QUERY} PASSWORD ${pg.escapeLiteral(passwords.query)}`,
    `ALTER ROLE ${QUERY} SET default_transaction_read_only = on`,
    `ALTER ROLE ${QUERY} SET statement_timeout = '${QUERY_TIMEOUT}'`,
    `GRANT ${PROJECTOR} TO CURRENT_USER`, // who is no superuser may give a database to its own roles alone
  ];
}
