import { describe, expect, it } from '@jest/globals';
import { type FollowedGroup, followJournal, MemoryJournalStore } from '@summit/journal';
import { type AnyRow, type Batch } from './batch.ts';
import { History } from './history.fixture.ts';
import { readGroups } from './read-groups.ts';
import { type TableName } from './tables.ts';

async function groupsOf({ journal }: History): Promise<FollowedGroup[]> {
  const groups: FollowedGroup[] = [];
  const { signal } = new AbortController();
  const store = new MemoryJournalStore(journal);
  for await (const group of followJournal(store, { partition: 0, until: journal.last, signal }))
    groups.push(group);
  return groups;
}

/** What a history makes of the tables, without a database. */
async function read(history: History): Promise<Batch> {
  history.flush();
  return readGroups(await groupsOf(history), 0, history.vault).batch;
}

const only = (batch: Batch, table: TableName): AnyRow => {
  const [row, ...more] = batch.rows(table);
  if (!row || more.length > 0) throw new Error(`${table} has not one row`);
  return row;
};

describe('what a run leaves in the tables', () => {
  it('[C4.4] is a row of each that names the event which changed it last', async () => {
    const history = new History();
    const run = history.start('acme', 't 1', 'refund', 'please');
    const step = history.propose(run);
    history.settle(run, step, 'completed');
    history.end(run, 'completed');
    const batch = await read(history);
    expect(only(batch, 'runs')).toMatchObject({
      run_id: run.runId,
      status: 'completed',
      version: 4,
      thread: history.vault.surrogate('acme', 'thread', 't 1'),
      workflow: history.vault.surrogate('acme', 'workflow', 'refund'),
      created_in: '00-acme-0',
      ended_in: '00-acme-3',
      caused_by: '00-acme-3.0',
    });
    expect(only(batch, 'steps')).toMatchObject({ phase: 'completed', attempt: 1, caused_by: '00-acme-2.0' });
    expect(only(batch, 'messages')).toMatchObject({ index: 0, role: 'user', caused_by: '00-acme-0.2', n: 2 });
    expect(batch.rows('commits').map(({ commit_id }) => commit_id)).toEqual(['00-acme-0', '00-acme-3']);
    for (const table of batch.tables) {
      if (table === 'commits') continue;
      for (const row of batch.rows(table)) expect(row['caused_by']).toMatch(/^00-acme-\d+\.\d+$/);
    }
  });

  it('[C5.1] holds every decision beside the event that it entitles', async () => {
    const history = new History();
    history.propose(history.start('acme', 't'));
    const decisions = (await read(history)).rows('decisions');
    expect(decisions.map(({ caused_by, verdict }) => [caused_by, verdict])).toEqual([
      ['00-acme-0.0', 'allow'],
      ['00-acme-1.0', 'allow'],
    ]);
  });

  it('[C3.2] follows a question to people until it is settled', async () => {
    const history = new History();
    const run = history.start('acme', 't');
    const [open, settled] = [history.ask(run), history.ask(run, 'approve')];
    const rows = (await read(history)).rows('approvals');
    expect(rows.map(({ approval, status }) => [approval, status])).toEqual([
      [open, 'open'],
      [settled, 'approved'],
    ]);
  });

  it('[I9] is nothing that people wrote: payloads and names stand sealed in the lines of commits', async () => {
    const history = new History();
    const run = history.start('acme', 'SECRET thread', 'SECRET workflow', 'SECRET message');
    for (const how of ['completed', 'failed', 'unknown', 'again'] as const)
      history.settle(run, history.propose(run), how);
    history.patch(run);
    history.ask(run, 'reject');
    history.end(run, 'failed');
    const batch = await read(history);
    const text = JSON.stringify(batch.tables.map((table) => batch.rows(table)));
    expect(batch.size).toBeGreaterThan(15);
    for (const word of ['SECRET', 'INPUT', 'RESULT', 'SHOWN', 'alice']) expect(text).not.toContain(word);
  });

  it('[I7] of an erased thread is the same rows without the names', async () => {
    const history = new History();
    const run = history.start('acme', 't');
    history.end(run, 'completed');
    const before = only(await read(history), 'runs');
    await history.keys.destroy('acme', run.key);
    const after = only(await read(history), 'runs');
    expect(after).toEqual({ ...before, workflow: undefined });
    expect(before['workflow']).toBeDefined();
  });
});
