import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Name of the database, and of the role that owns it. */
const APP = 'summit_app';

/**
 * A database for an app's own tables on a PostgreSQL that is there, under a role that owns it and nothing else; its
 * URL. Made where it is missing; the role's password is made anew, so nobody has to keep it.
 */
export async function appDatabase(adminUrl: string): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [APP]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${APP} LOGIN NOINHERIT`);
    await client.query(`ALTER ROLE ${APP} PASSWORD ${pg.escapeLiteral(password)}`);
    await client.query(`GRANT ${APP} TO CURRENT_USER`); // who is no superuser gives databases to its own roles alone
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [APP]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${APP} OWNER ${APP}`);
    await client.query(`REVOKE ALL ON DATABASE ${APP} FROM PUBLIC`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(adminUrl), { username: APP, password, pathname: `/${APP}` }).href;
}
