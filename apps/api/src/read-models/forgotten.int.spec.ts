/** A real leader that recovers long afterwards, the rows of its journal in a real PostgreSQL, and the api's routes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryJournalStore, project } from '@summit/journal';
import { MemoryObjectStore } from '@summit/objects';
import { DevelopmentTokens, type RunningService } from '@summit/platform';
import { Callers } from '@summit/platform/http';
import { policyTwin, twinAllow } from '@summit/policy';
import {
  migrate,
  openPool,
  PostgresProjection,
  provisionReadModels,
  type ReadModelPool,
  ReadModels,
} from '@summit/read-models';
import { History, type PastRun } from '@summit/read-models/history.fixture';
import { type Answer, Leader, LocalGateway, type Query, silentLog } from '@summit/runtime';
import { type PostgresServer, startPostgres } from '@summit/servers';
import { FileKeyStore } from '@summit/vault';
import { z } from 'zod';
import { ApprovalsController } from '../approvals/approvals.controller.ts';
import { GATEWAY } from '../runs/gateway.ts';
import { RunStarter } from '../runs/run-starter.ts';
import { RunsController } from '../runs/runs.controller.ts';
import { serveHttp } from '../serve.ts';
import { ReadModelAccess } from './read-model-access.ts';

/** Questions that were answered, and how many of them a leader forgets. */
const FORGOTTEN = 10;
const QUESTIONS = 1000 + FORGOTTEN;
const WEEK_MS = 7 * 24 * 3600 * 1000;

let dir: string;
let postgres: PostgresServer;
let nc: NatsConnection;
let leader: Leader;
let service: RunningService;
let keys: FileKeyStore;
let history: History;
let pool: ReadModelPool;
let models: ReadModels;
let run: PastRun;
let oldest: string;
let newest: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-forgotten-'));
  postgres = await startPostgres({ dataDir: join(dir, 'postgres') });
  const { projector, query } = await provisionReadModels(postgres.url);
  keys = new FileKeyStore(join(dir, 'keys'));
  history = new History(keys);
  write();
  await fill(projector);
  nc = await connect({ servers: process.env['SUMMIT_TEST_NATS_URL'] ?? '' });
  leader = await leadLater();
  pool = openPool(query);
  models = new ReadModels({ db: pool.db, vault: history.vault, objects: new MemoryObjectStore() });
  service = await serve(new ReadModelAccess({ nc, dataDir: dir, queryUrl: query }));
});
afterAll(async () => {
  await service.close();
  leader.stop('the test is over');
  await pool.close();
  await nc.close();
  await keys.close();
  await postgres.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A run that asked many times and completed. */
function write(): void {
  run = history.start('acme', 'long ago', 'refund');
  const asked = Array.from({ length: QUESTIONS }, (_, i) => {
    if (i % 50 === 49) history.flush();
    return history.ask(run, i % 2 === 0 ? 'approve' : 'reject');
  });
  [oldest = '', newest = ''] = [asked[0], asked.at(-1)];
  history.end(run, 'completed');
  history.flush();
}

async function fill(projectorUrl: string): Promise<void> {
  const owner = openPool(projectorUrl);
  await migrate(owner);
  const { journal, vault } = history;
  await project({
    store: new MemoryJournalStore(journal),
    partition: 0,
    projection: new PostgresProjection({ db: owner.db, vault, partition: 0 }),
    until: journal.last,
    signal: new AbortController().signal,
  });
  await owner.close();
}

/** Leads the partition more than a week after the last commit. */
function leadLater(): Promise<Leader> {
  const { journal, vault, at } = history;
  return Leader.open({
    partition: 0,
    store: new MemoryJournalStore(journal),
    objects: new MemoryObjectStore(),
    vault,
    clock: { now: () => at + WEEK_MS + 1, monotonic: () => performance.now() },
    random: (bytes) => 'ab'.repeat(bytes),
    incarnation: 'leader-1',
    policy: policyTwin(() => twinAllow),
    link: { send: () => undefined, broadcast: () => undefined },
    log: silentLog,
    onLost: () => undefined,
  });
}

@Module({})
class Edge {}

function serve(access: ReadModelAccess): Promise<RunningService> {
  const module = {
    module: Edge,
    controllers: [RunsController, ApprovalsController],
    providers: [
      RunStarter,
      { provide: GATEWAY, useValue: new LocalGateway(new Map([[0, () => leader]])) },
      { provide: ReadModelAccess, useValue: access },
      { provide: Callers, useFactory: () => new Callers(new DevelopmentTokens(dir)) },
    ],
  };
  return serveHttp(module, { SUMMIT_API_HOST: '127.0.0.1', SUMMIT_API_PORT: 0 }, silentLog);
}

async function ask(
  path: string,
  tenant = 'acme',
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await new DevelopmentTokens(dir).sign({ tenant, user: 'ann', roles: ['operator'] });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const init = body && { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(service.url + path, { ...init, headers });
  return { status: answer.status, body: z.record(z.string(), z.unknown()).parse(await answer.json()) };
}

/** What the leader itself says. */
const told = (query: Query): Promise<Answer> =>
  new Promise((resolve) => {
    leader.query(query, resolve);
  });

const page = z.object({
  approvals: z.array(z.looseObject({ approvalId: z.string(), requestedAt: z.number(), status: z.string() })),
  next: z.string().optional(),
  incomplete: z.object({ code: z.string(), detail: z.string(), next: z.string() }).optional(),
});

/** Every page of a list. */
async function listed(query: string): Promise<z.infer<typeof page>[]> {
  const pages: z.infer<typeof page>[] = [];
  for (let after = ''; ;) {
    const { status, body } = await ask(`/v1/approvals?limit=200${query}${after}`);
    expect(status).toBe(200);
    const one = page.parse(body);
    pages.push(one);
    if (one.next === undefined) return pages;
    after = `&after=${one.next}`;
  }
}

describe('what a leader has forgotten', () => {
  it('[C4.1] of a run is told from the rows, its result too', async () => {
    const forgotten = await told({ tenant: 'acme', runId: run.runId });
    expect(forgotten).toMatchObject({ ok: false, error: { code: 'RUN_NOT_FOUND' } });
    expect(await ask(`/v1/runs/${run.runId}`)).toMatchObject({
      status: 200,
      body: { runId: run.runId, threadId: 'long ago', status: 'completed', output: { secret: 'RESULT' } },
    });
  });

  it('[C3.2] of a question is told from the rows, in the words in which it was told before', async () => {
    const forgotten = await told({ tenant: 'acme', approvalId: oldest });
    expect(forgotten).toMatchObject({ ok: false, error: { code: 'APPROVAL_NOT_FOUND' } });
    const { status, body } = await ask(`/v1/approvals/${oldest}`);
    expect([status, body['answers']]).toMatchObject([200, [{ by: 'alice SECRET', decision: 'approve' }]]);
    const known = await told({ tenant: 'acme', approvalId: newest });
    expect(known).toEqual({ ok: true, value: (await ask(`/v1/approvals/${newest}`)).body });
    expect(known).toEqual({ ok: true, value: await models.pastApproval('acme', newest) });
  });

  it('[C3.2] stands in the list behind what it knows, each once, page by page', async () => {
    const pages = await listed('');
    const all = pages.flatMap(({ approvals }) => approvals);
    expect(pages.map(({ incomplete }) => incomplete)).toEqual(pages.map(() => undefined));
    expect([new Set(all.map(({ approvalId }) => approvalId)).size, all.length]).toEqual([
      QUESTIONS,
      QUESTIONS,
    ]);
    expect([all[0]?.approvalId, all.at(-1)?.approvalId]).toEqual([newest, oldest]);
    const times = all.map(({ requestedAt }) => requestedAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const rejected = (await listed('&status=rejected')).flatMap(({ approvals }) => approvals);
    expect(rejected).toEqual(all.filter(({ status }) => status === 'rejected'));
    expect(rejected).toHaveLength(QUESTIONS / 2);
  });

  it('[C4.3] [I8] is not there for another tenant', async () => {
    for (const path of [`/v1/runs/${run.runId}`, `/v1/approvals/${oldest}`, `/v1/approvals/${newest}`]) {
      expect([path, (await ask(path, 'blu')).status]).toEqual([path, 404]);
    }
    expect((await ask('/v1/approvals', 'blu')).body).toEqual({ approvals: [] });
  });

  it('[C3.2] can not be answered again', async () => {
    const { actionHash } = (await ask(`/v1/approvals/${oldest}`)).body;
    const answer = { decision: 'reject', actionHash };
    for (const [tenant, status, code] of [
      ['acme', 409, 'APPROVAL_CLOSED'],
      ['blu', 404, 'APPROVAL_NOT_FOUND'],
    ] as const) {
      const said = await ask(`/v1/approvals/${oldest}/decisions`, tenant, answer);
      expect([said.status, said.body['code']]).toEqual([status, code]);
    }
  });

  it.each(['run_00_nothing', 'nothing', '%00', 'apr_00_000000000aaaaaaaa', 'run_00_000000000aaaaaaaa'])(
    'is no run that was never there: %s',
    async (id) => {
      const { status, body } = await ask(`/v1/runs/${id}`);
      expect([status, body['code']]).toEqual([404, 'RUN_NOT_FOUND']);
    },
  );

  it.each(['apr_00_nothing', 'nothing', '%00', 'run_00_000000000aaaaaaaa'])(
    'is not made up: %s',
    async (id) => {
      const { status, body } = await ask(`/v1/approvals/${id}`);
      expect([status, body['code']]).toEqual([404, 'APPROVAL_NOT_FOUND']);
    },
  );

  it('refuses a cursor and a limit that are none', async () => {
    for (const query of ['after=x', 'status=open&after=x', 'limit=0', 'status=odd']) {
      expect((await ask(`/v1/approvals?${query}`)).body).toMatchObject({ code: 'INVALID_QUERY' });
    }
  });

  it('[C3.2] while PostgreSQL is away is said to be missing; what the leader knows is told', async () => {
    await postgres.kill('SIGKILL');
    const pages = await listed('');
    expect(pages.flatMap(({ approvals }) => approvals)).toHaveLength(QUESTIONS - FORGOTTEN);
    expect(pages[0]?.incomplete).toMatchObject({ code: 'READ_MODELS_UNAVAILABLE' });
    expect(pages[0]?.incomplete?.detail).toContain('PostgreSQL does not answer');
    expect((await ask(`/v1/approvals/${newest}`)).status).toBe(200);
    const { status, body } = await ask(`/v1/approvals/${oldest}`);
    expect([status, body['code']]).toEqual([503, 'READ_MODELS_UNAVAILABLE']);
    const forgotten = await ask(`/v1/runs/${run.runId}`);
    expect([forgotten.status, forgotten.body['code']]).toEqual([503, 'READ_MODELS_UNAVAILABLE']);
    const other = await ask(`/v1/runs/${oldest}`);
    expect([other.status, other.body['code']]).toEqual([404, 'RUN_NOT_FOUND']);
    expect(await ask('/v1/approvals?status=open')).toEqual({ status: 200, body: { approvals: [] } });
  });
});
