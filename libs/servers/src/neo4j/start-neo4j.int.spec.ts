import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Neo4jServer, startNeo4j } from './start-neo4j.ts';

let dir: string;
let server: Neo4jServer;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit neo4j '));
  server = await startNeo4j({ dataDir: join(dir, 'neo4j') });
}, 600_000);
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function query(statement: string, password = server.password): Promise<unknown> {
  const http = new URL('/db/neo4j/tx/commit', server.browserUrl);
  const response = await fetch(http, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${server.user}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ statements: [{ statement }] }),
  });
  return response.json();
}

describe('a Neo4j', () => {
  it('serves Browser, and nobody without the password', async () => {
    const page = await fetch(server.browserUrl ?? '');
    expect(page.status).toBe(200);
    expect(await query('RETURN 1', 'neo4j')).toMatchObject({
      errors: [{ code: 'Neo.ClientError.Security.Unauthorized' }],
    });
  });

  it('[C1.1] has every committed node after kill -9 and a restart on the same ports', async () => {
    const { url } = server;
    await query('CREATE (:Kept {n: 1})');
    await server.kill('SIGKILL');
    await server.restart();
    expect(server.url).toBe(url);
    expect(await query('MATCH (k:Kept) RETURN k.n')).toMatchObject({ results: [{ data: [{ row: [1] }] }] });
  });
});
