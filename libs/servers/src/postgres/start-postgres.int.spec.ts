import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './start-postgres.ts';

let dir: string;
let server: PostgresServer;

beforeEach(async () => {
  // mkdtemp's directories are closed to other users: root's PostgreSQL must run there all the same.
  dir = mkdtempSync(join(tmpdir(), 'summit pg '));
  server = await startPostgres({ dataDir: join(dir, 'postgres') });
});
afterEach(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

describe('a PostgreSQL', () => {
  it('[C1.1] has every committed row after kill -9 and a restart on the same port', async () => {
    const url = await server.createDatabase('kept');
    await query(url, 'CREATE TABLE t AS SELECT 1 AS n');
    await server.kill('SIGKILL');
    await server.restart();
    expect(server.urlOf('kept')).toBe(url);
    expect(await query(url, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
  });

  it('is of a version that the runtime supports, and syncs every commit', async () => {
    expect(Number.parseInt(server.version, 10)).toBeGreaterThanOrEqual(17);
    expect(await query(server.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(server.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  });

  it('lets nobody in without the password', async () => {
    const url = server.url.replace(/:[0-9a-f]{32}@/, ':wrong@');
    await expect(query(url, 'SELECT 1')).rejects.toThrow(/password/);
  });

  it('starts again on the data of an earlier start', async () => {
    await server.createDatabase('kept');
    await server.stop();
    server = await startPostgres({ dataDir: join(dir, 'postgres') });
    expect(await query(server.url, "SELECT 1 AS n FROM pg_database WHERE datname = 'kept'")).toEqual([
      { n: 1 },
    ]);
  });
});
