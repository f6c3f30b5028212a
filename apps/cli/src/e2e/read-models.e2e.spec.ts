import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { provisionReadModels } from '@summit/read-models';
import { type PostgresServer, startPostgres, waitFor } from '@summit/servers';
import { z } from 'zod';
import { readModelsFile } from '../supervisor/stack-servers.ts';
import { type Client } from './client.fixture.ts';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { type Ended, summit, summitText } from './verb.fixture.ts';

const RUNS = 60;
const GONE_MS = 30_000;
const deadline = { deadlineMs: 60_000, everyMs: 50 };

let dir: string;
let postgres: PostgresServer;
let stack: TestStack;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-e2e-postgres-'));
  postgres = await startPostgres({ dataDir: join(dir, 'postgres') });
  const readModels = await provisionReadModels(postgres.url);
  stack = await TestStack.start({ distributed: false, readModels });
  writeFileSync(readModelsFile(stack.plan.dataDir), JSON.stringify(readModels));
});
afterAll(async () => {
  await (stack as TestStack | undefined)?.stop();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});

const page = z.looseObject({
  items: z.array(z.looseObject({ runId: z.string(), status: z.string(), threadId: z.string() })),
  next: z.string().optional(),
});

/** Every run of a list, page by page. */
async function listed(client: Client, query: string): Promise<z.infer<typeof page>['items']> {
  const items: z.infer<typeof page>['items'] = [];
  for (let after = ''; ;) {
    const { status, body } = await client.send(`/v1/runs?limit=25${query}${after}`);
    if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(body)}`);
    const found = page.parse(body);
    items.push(...found.items);
    if (found.next === undefined) return items;
    after = `&after=${found.next}`;
  }
}

/** Waits until the list holds so many; what it holds. */
async function until(client: Client, query: string, count: number): Promise<z.infer<typeof page>['items']> {
  let last: z.infer<typeof page>['items'] = [];
  await waitFor(async () => {
    last = await listed(client, query).catch(() => []);
    return last.length >= count ? true : undefined;
  }, deadline);
  return last;
}

const here = (...args: string[]): Promise<Ended> => summit([...args, '--data', stack.plan.dataDir]);
const said = (...args: string[]): Promise<string> => summitText([...args, '--data', stack.plan.dataDir]);

const ready = z.looseObject({
  readModels: z.looseObject({
    state: z.string(),
    partitions: z.array(z.looseObject({ trouble: z.string().optional(), sequence: z.number().optional() })),
  }),
});

describe('lists', () => {
  it('[C4.1] hold the runs and threads of a tenant, by status, workflow and thread', async () => {
    const { client, world } = stack;
    const input = { world: world.url, label: 'list', steps: 7, sleepMs: 0, signal: true };
    const { body } = await client.post('/v1/threads/a thread/runs', { workflow: 'steps', input });
    const found = await until(client, '&status=waiting', 1);
    expect(found).toMatchObject([{ runId: body.runId, threadId: 'a thread', waitingFor: ['signal'] }]);
    await client.post(`/v1/runs/${body.runId ?? ''}/signals`, { name: 'go', payload: 1 });
    expect(await until(client, '&status=completed&thread=a thread', 1)).toMatchObject([
      { runId: body.runId },
    ]);
    expect(await listed(client, '&workflow=steps')).toHaveLength(1);
    const threads = await client.send('/v1/threads');
    expect(JSON.stringify(threads.body)).toContain('"threadId":"a thread"');
    expect((await client.send('/v1/threads/a thread/messages')).body).toEqual({ items: [] });
  });

  it('[C4.3] [I8] are empty, and ids unknown, for another tenant', async () => {
    const other = await stack.as({ tenant: 'blu' });
    expect(await listed(other, '')).toEqual([]);
    expect((await other.send('/v1/threads')).body).toEqual({ items: [] });
    expect(await other.send('/v1/threads/a thread/messages')).toMatchObject({
      status: 404,
      body: { code: 'THREAD_NOT_FOUND' },
    });
  });

  it.each([
    ['?limit=0', 'INVALID_QUERY'],
    ['?limit=201', 'INVALID_QUERY'],
    ['?limit=many', 'INVALID_QUERY'],
    ['?status=odd', 'INVALID_QUERY'],
    ['?after=nonsense', 'INVALID_QUERY'],
    ["?workflow=' OR 1=1 --", undefined],
    ['?thread=%00', undefined],
  ])('refuse what they do not understand: %s', async (query, code) => {
    const { status, body } = await stack.client.send(`/v1/runs${query}`);
    if (code === undefined) expect([status, body]).toEqual([200, { items: [] }]);
    else expect([status, body.code]).toEqual([422, code]);
  });
});

describe('the command line', () => {
  it('[C4.1] runs lists them by thread, workflow and status, a page at a time', async () => {
    const { client } = stack;
    const start = { workflow: 'big', input: { bytes: 1 } };
    const [first, second] = [
      await client.post('/v1/threads/cli runs/runs?wait=10', start),
      await client.post('/v1/threads/cli runs/runs?wait=10', start),
    ].map(({ body }) => body.runId);
    await until(client, '&thread=cli runs&status=completed', 2);
    const wanted = [
      'runs',
      '--thread',
      'cli runs',
      '--workflow',
      'big',
      '--status',
      'completed',
      '--limit',
      '1',
    ];
    const newest = await here(...wanted);
    expect(newest).toMatchObject({ code: 0, document: { ok: true, runs: [{ runId: second }] } });
    const next = String(newest.document['next']);
    const rest = await here(...wanted, '--after', next);
    expect(rest.document).toMatchObject({
      runs: [{ runId: first, status: 'completed', threadId: 'cli runs' }],
    });
    expect(rest.document['next']).toBeUndefined();
    const lines = (await said(...wanted)).split('\n');
    expect(lines[0]).toMatch(/^RUN +STATUS +WORKFLOW +THREAD +STARTED$/);
    expect(lines[1]).toMatch(new RegExp(`^${second ?? ''} +completed +big 1 +cli runs +\\d{4}-`));
    expect(lines[2]).toBe(`… there is more: --after ${next}`);
  });

  it('[C4.1] threads lists conversations with what they hold', async () => {
    const { document } = await here('threads');
    expect(document).toMatchObject({ ok: true });
    expect(document['threads']).toContainEqual(
      expect.objectContaining({ threadId: 'cli runs', runs: 2, messages: 0, stateVersion: 0 }),
    );
    expect(await said('threads', '--limit', '1')).toMatch(
      /^THREAD +RUNS[^]*\ncli runs +2 +0 +0 [^]*--after /,
    );
  });

  it('[C3.2] approvals lists what people are asked and what they answered', async () => {
    const { client } = stack;
    const input = { world: stack.world.url, label: 'asked', amount: 90 };
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'refunded', input });
    const approvalId = body.waitingFor?.[0]?.replace('approval:', '') ?? '';
    expect((await here('reject', approvalId, '--reason', 'no')).code).toBe(0);
    const rejected = await here('approvals', '--status', 'rejected');
    expect(rejected.document).toEqual({
      ok: true,
      approvals: [expect.objectContaining({ approvalId, status: 'rejected', name: 'world.refund' })],
    });
    expect(await said('approvals')).toMatch(new RegExp(`\n${approvalId} +rejected +world.refund `));
  });

  it('[C4.3] lists nothing to another tenant, and says what it did not understand', async () => {
    const blu = ['--tenant', 'blu'];
    expect(await Promise.all(['runs', 'threads', 'approvals'].map((verb) => said(verb, ...blu)))).toEqual([
      'no runs\n',
      'no threads\n',
      'nobody is asked anything\n',
    ]);
    const odd = await here('runs', '--status', 'odd');
    expect(odd).toMatchObject({ code: 1, document: { error: { code: 'INVALID_QUERY' } } });
  });
});

describe('PostgreSQL away while runs are in flight', () => {
  it('[C1.1] [I7] for half a minute, killed: runs go on, lists say so, then they catch up', async () => {
    const { client } = stack;
    const before = (await listed(client, '')).length;
    const starting = startLoad(stack, client, RUNS, 'postgres');
    await postgres.kill('SIGKILL');
    const gone = delay(GONE_MS);
    const runs = await starting;
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
    const away = await client.send('/v1/runs');
    expect([away.status, away.body.code]).toEqual([503, 'READ_MODELS_UNAVAILABLE']);
    expect((await here('threads')).document).toMatchObject({ error: { code: 'READ_MODELS_UNAVAILABLE' } });
    const asked = await here('approvals');
    expect(asked).toMatchObject({ code: 0, document: { approvals: [{ status: 'rejected' }] } });
    expect(asked.document['incomplete']).toMatchObject({ code: 'READ_MODELS_UNAVAILABLE' });
    const standing = ready.parse((await client.send('/readyz')).body).readModels;
    expect(standing.state).toBe('waiting');
    expect((await client.text('/metrics')).text).toContain('summit_read_models_up{partition="00"} 0');
    await gone;
    await postgres.restart();
    const found = await until(client, '&status=completed', before + RUNS);
    const ids = found.map(({ runId }) => runId);
    expect(runs.filter(({ runId }) => !ids.includes(runId))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('summit rebuild read-models', () => {
  it('[I7] drops the tables, makes them again from the journal, and finds them equal', async () => {
    const { code, document } = await here('rebuild', 'read-models');
    const tables = z.looseObject({
      tables: z.looseObject({ runs: z.object({ rows: z.int(), digest: z.string() }) }),
    });
    const said = z.looseObject({ ok: z.boolean(), before: tables, after: tables }).parse(document);
    expect([code, said.ok]).toEqual([0, true]);
    expect(said.after).toEqual(said.before);
    expect(said.after.tables.runs.rows).toBeGreaterThan(RUNS);
    const { client } = stack;
    const before = (await listed(client, '&workflow=big')).length;
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'big', input: { bytes: 1 } });
    const goesOn = await until(client, '&workflow=big', before + 1);
    expect(goesOn[0]?.runId).toBe(body.runId);
  });
});
