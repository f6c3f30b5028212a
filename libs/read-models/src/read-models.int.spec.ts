/** On a real PostgreSQL of its own, since one test kills it; a database for each test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type FollowedGroup,
  followJournal,
  JOURNAL_START,
  MemoryJournalStore,
  project,
} from '@summit/journal';
import { MemoryObjectStore } from '@summit/objects';
import { type PostgresServer, startPostgres, waitFor } from '@summit/servers';
import fc from 'fast-check';
import { sql } from 'kysely';
import { contentDigest } from './digest.ts';
import { History } from './history.fixture.ts';
import { migrate } from './migrations/migrate.ts';
import { cursorOf } from './page.ts';
import { openPool, type ReadModelPool } from './pool.ts';
import { PostgresProjection } from './postgres-projection.ts';
import { provisionReadModels, type ReadModelUrls } from './provision.ts';
import { ReadModels } from './read-models.ts';
import { rebuildReadModels } from './rebuild.ts';

let dir: string;
let server: PostgresServer;
let urls: ReadModelUrls;
let owner: ReadModelPool;
let reader: ReadModelPool;
let databases = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-read-models-'));
  server = await startPostgres({ dataDir: join(dir, 'postgres') });
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  urls = await provisionReadModels(server.url, { database: `summit_${String(databases++)}` });
  owner = openPool(urls.projector);
  reader = openPool(urls.query);
  await migrate(owner);
});
afterEach(async () => {
  await owner.close();
  await reader.close();
});

function projectionOf({ vault }: History): PostgresProjection {
  return new PostgresProjection({ db: owner.db, vault, partition: 0 });
}

/** Takes in what the journal holds, in batches of so many bytes at most. */
async function projectAll(history: History, batchBytes = 1_000_000): Promise<void> {
  history.flush();
  const { journal } = history;
  const { signal } = new AbortController();
  const options = {
    store: new MemoryJournalStore(journal),
    partition: 0,
    signal,
    batchBytes,
    until: journal.last,
  };
  await project({ ...options, projection: projectionOf(history) });
}

async function groupsOf({ journal }: History): Promise<FollowedGroup[]> {
  const groups: FollowedGroup[] = [];
  const { signal } = new AbortController();
  const store = new MemoryJournalStore(journal);
  for await (const group of followJournal(store, { partition: 0, until: journal.last, signal }))
    groups.push(group);
  return groups;
}

function modelsOf({ vault }: History): ReadModels {
  return new ReadModels({ db: reader.db, vault, objects: new MemoryObjectStore() });
}

/** A little of everything, of two tenants; a group every few commits. */
function busyHistory(size = 5): History {
  const history = new History();
  for (let i = 0; i < size; i++) {
    const tenant = i % 2 === 0 ? 'acme' : 'blu';
    const run = history.start(
      tenant,
      `t${String(i % 3)}`,
      i % 2 === 0 ? 'refund' : 'audit',
      `hello ${String(i)}`,
    );
    history.settle(run, history.propose(run), 'again');
    history.flush();
    history.settle(run, history.propose(run), 'completed');
    history.patch(run);
    history.ask(run, 'approve');
    history.say(run, 'assistant', 'done');
    if (i % 3 === 0) history.end(run, i % 2 === 0 ? 'completed' : 'failed');
    history.flush();
  }
  return history;
}

describe('the schema', () => {
  it('is brought up to date once, however many do it at the same time', async () => {
    await Promise.all([migrate(owner), migrate(owner)]);
    const { rows } = await sql<{ name: string }>`SELECT name FROM summit.kysely_migration`.execute(owner.db);
    expect(rows.map(({ name }) => name)).toEqual(['0001-read-models', '0002-approval-terms']);
  });

  it('[C4.3] [I8] guards every table that has a tenant, its owner included', async () => {
    const { rows } = await sql<{ table: string; forced: boolean }>`
      SELECT c.relname AS table, c.relrowsecurity AND c.relforcerowsecurity AS forced
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
      WHERE c.relnamespace = 'summit'::regnamespace AND c.relkind = 'r'`.execute(owner.db);
    expect(rows.length).toBeGreaterThan(7);
    expect(rows.filter(({ forced }) => !forced)).toEqual([]);
  });
});

describe('the role that queries', () => {
  it('[C4.3] [I8] sees its tenant alone, even without a condition, and nobody without a tenant', async () => {
    const history = busyHistory();
    await projectAll(history);
    const seen = async (tenant?: string): Promise<string[]> =>
      reader.db.transaction().execute(async (transaction) => {
        if (tenant !== undefined)
          await sql`SELECT set_config('summit.tenant', ${tenant}, true)`.execute(transaction);
        const found = new Set<string>();
        for (const table of [
          'runs',
          'steps',
          'decisions',
          'threads',
          'messages',
          'commits',
          'approvals',
        ] as const) {
          const rows = await transaction.selectFrom(table).select('tenant').execute();
          for (const row of rows) found.add(row.tenant);
        }
        return [...found];
      });
    expect(await seen('acme')).toEqual(['acme']);
    expect(await seen('blu')).toEqual(['blu']);
    expect(await seen()).toEqual([]);
    expect(await seen('')).toEqual([]);
    expect(await seen('acme%')).toEqual([]);
  });

  it('[C4.3] can change nothing, and see everybody by no role of its own', async () => {
    await projectAll(busyHistory());
    for (const attempt of [
      sql`SET default_transaction_read_only = off; DELETE FROM summit.runs`,
      sql`UPDATE summit.runs SET tenant = 'blu'`,
      sql`SET ROLE summit_projector`,
      sql`ALTER TABLE summit.runs NO FORCE ROW LEVEL SECURITY`,
      sql`SET row_security = off; SELECT * FROM summit.runs`,
    ]) {
      await expect(attempt.execute(reader.db)).rejects.toThrow();
    }
  });
});

describe('the projection', () => {
  it('[I7] gives the same content from one batch, from many, and again', async () => {
    const digests = new Set<string>();
    const history = busyHistory(8);
    for (const batchBytes of [1, 5_000, 1_000_000]) {
      await sql`DROP SCHEMA summit CASCADE`.execute(owner.db);
      await migrate(owner);
      await projectAll(history, batchBytes);
      await projectAll(history, batchBytes);
      digests.add((await contentDigest(owner.db)).digest);
    }
    expect(digests.size).toBe(1);
  });

  it('[I7] of any history, in two halves, is that of the whole', async () => {
    const act = fc.constantFrom('completed', 'failed', 'unknown', 'again', 'patch', 'say', 'ask', 'end');
    const property = fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 12 }),
      fc.nat(12),
      async (acts, cut) => {
        const history = new History();
        const run = history.start('acme', 't', 'refund', 'hello');
        for (const [i, one] of acts.entries()) {
          if (one === 'patch') history.patch(run);
          else if (one === 'say') history.say(run, 'assistant', 'x');
          else if (one === 'ask') history.ask(run, 'reject');
          else if (one === 'end') history.end(run, 'completed');
          else history.settle(run, history.propose(run), one);
          if (i === cut) await projectAll(history);
        }
        await projectAll(history);
        const halves = await contentDigest(owner.db);
        await sql`DROP SCHEMA summit CASCADE`.execute(owner.db);
        await migrate(owner);
        const { journal, vault } = history;
        const whole = new PostgresProjection({ db: owner.db, vault, partition: 0 });
        const { signal } = new AbortController();
        await project({
          store: new MemoryJournalStore(journal),
          partition: 0,
          signal,
          until: journal.last,
          projection: whole,
        });
        const again = await contentDigest(owner.db);
        // Groups are cut at other places, so sequences and positions differ; rows of people's interest do not.
        for (const table of [
          'runs',
          'steps',
          'messages',
          'approvals',
          'answers',
          'decisions',
          'state_versions',
        ])
          expect(again.tables[table]).toEqual(halves.tables[table]);
        await sql`DROP SCHEMA summit CASCADE`.execute(owner.db);
        await migrate(owner);
      },
    );
    await fc.assert(property, { numRuns: 10 });
  });

  it('[I7] of two projectors lets one win; the other changes nothing and reads again', async () => {
    const history = busyHistory();
    history.flush();
    const groups = await groupsOf(history);
    const [one, other] = [projectionOf(history), projectionOf(history)];
    const both = await Promise.allSettled([
      one.apply(groups, JOURNAL_START),
      other.apply(groups.slice(0, 2), JOURNAL_START),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = both.find((result) => result.status === 'rejected');
    expect(loser?.reason).toMatchObject({ code: 'POSITION_TAKEN' });
    await projectAll(history);
    const digest = await contentDigest(owner.db);
    await sql`DROP SCHEMA summit CASCADE`.execute(owner.db);
    await migrate(owner);
    await projectAll(history);
    expect(await contentDigest(owner.db)).toEqual(digest);
  });

  it('[C1.1] [I7] goes on after kill -9 of the server, rows and position still of one moment', async () => {
    const history = busyHistory(60);
    history.flush();
    const { journal, vault } = history;
    const stop = new AbortController();
    let troubles = 0;
    const going = project({
      store: new MemoryJournalStore(journal),
      partition: 0,
      projection: new PostgresProjection({ db: owner.db, vault, partition: 0 }),
      signal: stop.signal,
      batchBytes: 1,
      listener: { onTrouble: () => troubles++ },
    });
    const standsAt = async (sequence: number): Promise<true | undefined> => {
      const position = await projectionOf(history)
        .position()
        .catch(() => undefined);
      return (position?.sequence ?? 0) >= sequence ? true : undefined;
    };
    expect(await waitFor(() => standsAt(20), { deadlineMs: 30_000, everyMs: 1 })).toBe(true);
    await server.kill('SIGKILL');
    expect(await waitFor(() => (troubles > 0 ? true : undefined), { deadlineMs: 30_000 })).toBe(true);
    await server.restart();
    expect(await waitFor(() => standsAt(journal.last), { deadlineMs: 60_000 })).toBe(true);
    stop.abort();
    await going;
    const digest = await contentDigest(owner.db);
    await sql`DROP SCHEMA summit CASCADE`.execute(owner.db);
    await migrate(owner);
    await projectAll(history);
    expect(await contentDigest(owner.db)).toEqual(digest);
  });
});

describe('a rebuild', () => {
  it('[I7] gives equal digests, and projections go on where they stood', async () => {
    const history = busyHistory(10);
    await projectAll(history);
    const seen: number[] = [];
    const store = new MemoryJournalStore(history.journal);
    const rebuilt = await rebuildReadModels({
      url: urls.projector,
      vault: history.vault,
      storeOf: () => store,
      signal: new AbortController().signal,
      progress: (_, sequence) => seen.push(sequence),
    });
    expect(rebuilt.equal).toBe(true);
    expect(seen.at(-1)).toBe(history.journal.last);
    expect(rebuilt.before.tables['runs']?.rows).toBe(10);
    history.start('acme', 'later');
    await projectAll(history);
    expect((await contentDigest(owner.db)).tables['runs']?.rows).toBe(11);
  });

  it('[I7] finds rows that somebody changed', async () => {
    const history = busyHistory();
    await projectAll(history);
    await sql`UPDATE summit.runs SET status = 'completed' WHERE status = 'running'`.execute(owner.db);
    const store = new MemoryJournalStore(history.journal);
    const { signal } = new AbortController();
    const options = {
      url: urls.projector,
      vault: history.vault,
      storeOf: () => store,
      signal,
    };
    const { equal, before, after } = await rebuildReadModels(options);
    expect(equal).toBe(false);
    expect(before.tables['runs']).not.toEqual(after.tables['runs']);
    expect(before.tables['steps']).toEqual(after.tables['steps']);
  });
});

describe('what people ask', () => {
  it('is a page of runs, newest first, by status and workflow, as they named things', async () => {
    const history = busyHistory(9);
    const waiting = history.start('acme', 'w', 'refund');
    history.propose(waiting, 'signal');
    const paused = history.start('acme', 'w', 'refund');
    history.pause(paused, 'RunPaused');
    await projectAll(history);
    const models = modelsOf(history);
    const all = await models.runs('acme', {});
    expect(all.items).toHaveLength(7);
    expect(all.items[0]).toMatchObject({
      runId: paused.runId,
      status: 'waiting',
      waitingFor: ['resume'],
      threadId: 'w',
    });
    expect(all.items[1]).toMatchObject({ runId: waiting.runId, status: 'waiting', waitingFor: ['signal'] });
    expect((await models.runs('acme', { status: 'waiting' })).items).toEqual(all.items.slice(0, 2));
    const running = await models.runs('acme', { status: 'running' });
    expect(running.items.map(({ status }) => status)).toEqual(running.items.map(() => 'running'));
    expect((await models.runs('blu', { workflow: 'audit' })).items).toHaveLength(4);
    expect((await models.runs('acme', { workflow: 'audit' })).items).toEqual([]);
    const pages: string[] = [];
    let after: string | undefined;
    do {
      const page = await models.runs('acme', { limit: 3, after });
      pages.push(...page.items.map(({ runId }) => runId));
      after = page.next;
    } while (after !== undefined);
    expect(pages).toEqual(all.items.map(({ runId }) => runId));
    await expect(models.runs('acme', { after: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_QUERY' });
  });

  it('[C4.1] is a thread with its messages across runs, and how a run ended', async () => {
    const history = new History();
    const first = history.start('acme', 'talk', 'refund', 'one');
    history.say(first, 'assistant', 'two');
    history.patch(first);
    history.end(first, 'completed');
    const second = history.start('acme', 'talk', 'refund', 'three');
    history.end(second, 'failed');
    await projectAll(history);
    const models = modelsOf(history);
    const thread = { threadId: 'talk', runs: 2, messages: 3, stateVersion: 1, lastRun: second.runId };
    expect(await models.thread('acme', 'talk')).toMatchObject(thread);
    expect((await models.threads('acme', {})).items).toHaveLength(1);
    const said = await models.messages('acme', 'talk', { limit: 2 });
    expect(said?.items.map(({ message }) => message?.content)).toEqual(['one', 'two']);
    const rest = await models.messages('acme', 'talk', { after: said?.next });
    expect(rest?.items.map(({ index, message }) => [index, message?.content])).toEqual([[2, 'three']]);
    expect(await models.run('acme', first.runId)).toMatchObject({
      status: 'completed',
      output: { secret: 'RESULT' },
    });
    expect(await models.run('acme', second.runId)).toMatchObject({ error: { code: 'RUN_FAILED' } });
  });

  it('[C3.2] is what people were asked and answered, settled ones alone, newest first, page by page', async () => {
    const history = new History();
    const run = history.start('acme', 'talk', 'refund');
    const open = history.ask(run);
    const ids = [history.ask(run, 'approve'), history.ask(run, 'reject'), history.ask(run, 'approve')];
    history.answer(run, open, 'abstain');
    history.answer(run, open, 'abstain');
    await projectAll(history);
    const models = modelsOf(history);
    expect((await models.pastApprovals('acme', {})).map(({ approvalId }) => approvalId)).toEqual(
      ids.toReversed(),
    );
    expect(await models.pastApproval('acme', open)).toBeUndefined();
    history.answer(run, open, 'reject');
    await projectAll(history);
    const [first, more] = await models.pastApprovals('acme', { limit: 1 });
    expect([first?.approvalId, more?.approvalId]).toEqual([ids[2], ids[1]]);
    const after = cursorOf({ at: more?.requestedAt ?? 0, id: more?.approvalId ?? '' });
    const rest = await models.pastApprovals('acme', { after });
    expect(rest.map(({ approvalId, status }) => [approvalId, status])).toEqual([
      [ids[0], 'approved'],
      [open, 'rejected'],
    ]);
    expect(rest[1]).toMatchObject({ runId: run.runId, threadId: 'talk', workflow: 'refund', name: 'pay' });
    expect(rest[1]).toMatchObject({ shown: { arguments: { secret: 'SHOWN' } }, stepKey: 's#0' });
    expect(rest[1]?.answers.map(({ by, decision, reason }) => [by, decision, reason])).toEqual([
      ['alice SECRET', 'abstain', 'SECRET'],
      ['alice SECRET', 'abstain', 'SECRET'],
      ['alice SECRET', 'reject', 'SECRET'],
    ]);
    const rejected = await models.pastApprovals('acme', { status: 'rejected' });
    expect(rejected.map(({ approvalId }) => approvalId)).toEqual([ids[1], open]);
    expect(await models.pastApprovals('acme', {}, (id) => id !== open)).toHaveLength(1);
  });

  it('[C3.2] is a question under the terms that held last, amended and escalated', async () => {
    const history = new History();
    const run = history.start('acme', 'talk');
    const approval = history.ask(run);
    const seen = async (): Promise<unknown> => {
      history.answer(run, approval, 'reject');
      await projectAll(history);
      return modelsOf(history).pastApproval('acme', approval);
    };
    history.goOn(run, approval, 'ApprovalEscalated');
    expect(await seen()).toMatchObject({ roles: ['boss'], shown: { arguments: { secret: 'SHOWN' } } });
    history.goOn(run, approval, 'ApprovalAmended');
    expect(await seen()).toMatchObject({ roles: ['reviewer'], shown: { arguments: { secret: 'AMENDED' } } });
  });

  it('[C4.3] [I8] reveals nothing of another tenant', async () => {
    const history = new History();
    const run = history.start('acme', 'talk', 'refund', 'one');
    history.start('blu', 'other');
    const approval = history.ask(run, 'approve');
    await projectAll(history);
    const models = modelsOf(history);
    expect(await models.run('blu', run.runId)).toBeUndefined();
    expect(await models.pastApprovals('blu', {})).toEqual([]);
    expect(await models.pastApproval('blu', approval)).toBeUndefined();
    expect(await models.thread('blu', 'talk')).toBeUndefined();
    expect(await models.messages('blu', 'talk', {})).toBeUndefined();
    expect((await models.runs('blu', { threadId: 'talk' })).items).toEqual([]);
  });

  it('reads as erased once the key is destroyed, at once and in rows that were there before', async () => {
    const history = new History();
    const run = history.start('acme', 'talk', 'refund', 'one');
    const approval = history.ask(run, 'approve');
    history.end(run, 'completed');
    await projectAll(history);
    await history.keys.destroy('acme', run.key);
    const models = modelsOf(history);
    const erased = { runId: run.runId, status: 'completed', erased: true };
    const found = await models.run('acme', run.runId);
    expect(found).toMatchObject(erased);
    expect(JSON.stringify(found)).not.toMatch(/RESULT|refund|alice/);
    const asked = await models.pastApproval('acme', approval);
    expect(asked).toMatchObject({
      status: 'approved',
      erased: true,
      shown: null,
      answers: [{ decision: 'approve' }],
    });
    expect(JSON.stringify(asked)).not.toMatch(/SHOWN|pay|refund|alice|SECRET/);
    expect(await models.messages('acme', 'talk', {})).toMatchObject({
      items: [{ role: 'user', erased: true }],
    });
  });
});
