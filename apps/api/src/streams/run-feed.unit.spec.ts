import { beforeEach, describe, expect, it } from '@jest/globals';
import { RunStream, type StreamEvent } from '@summit/streams';
import { Historian } from '@summit/streams/history.fixture';
import { Inbox } from './inbox.ts';
import { taken, TestJournal } from './journal.fixture.ts';

const RUN = 'run_00_000000000aaaaaaaa';
const OTHER = 'run_00_000000000bbbbbbbb';
const LATER = 'run_00_0000zzzzzcccccccc';

const places = (events: readonly StreamEvent[]): string[] => events.map(({ cursor }) => cursor);

let journal: TestJournal;
let historian: Historian;
let whole: StreamEvent[];
beforeEach(() => {
  journal = new TestJournal();
  historian = new Historian(RUN);
  historian.start();
  historian.deed({ do: 'tool', fails: 1, ends: 'well' });
  historian.deed({ do: 'patch', value: 3 });
  historian.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } });
  const stream = new RunStream();
  whole = historian.commits.flatMap((commit) => stream.apply(commit));
});

function appendAll(from = 0): void {
  for (const commit of historian.commits.slice(from)) journal.append(commit);
}

describe('the feed of a run', () => {
  it('[C2.2] reads a run that has ended from the journal, past what is of others', async () => {
    const other = new Historian(OTHER);
    other.start();
    for (const [i, commit] of historian.commits.entries()) {
      const theirs = i === 0 ? other.commits : [];
      journal.append(...theirs, commit);
    }
    const feed = journal.feed(RUN);
    expect(await taken(feed.live())).toEqual(whole);
    expect(feed.ended).toBe(true);
    expect(journal.opened).toBe(historian.commits.length); // what is of others stays sealed
  });

  it('[C2.4] goes on from any cursor, from the past into what comes, without gap or repeat', async () => {
    for (const [i, { cursor }] of whole.entries()) {
      journal = new TestJournal();
      const half = 3;
      journal.append(...historian.commits.slice(0, half));
      const feed = journal.feed(RUN, i === 0 ? undefined : whole[i - 1]?.cursor);
      const alive = Number(cursor.split('.')[0]) <= half;
      if (!alive) continue; // such a cursor is refused; see below
      const reading = taken(feed.live());
      await new Promise((resolve) => setImmediate(resolve));
      appendAll(half);
      expect(places(await reading)).toEqual(places(whole.slice(i)));
    }
  });

  it('[C2.4] serves many readers of one run from one reading', async () => {
    journal.append(...historian.commits.slice(0, 1));
    const readers = [1, 2, 3].map(() => taken(journal.feed(RUN).live()));
    await new Promise((resolve) => setImmediate(resolve));
    appendAll(1);
    for (const reader of readers) expect(await reader).toEqual(whole);
  });

  it('gives a slow reader what it missed from the journal, and keeps no more than its bound', async () => {
    const long = new Historian(RUN);
    long.start();
    const big = 'x'.repeat(100_000);
    for (let i = 0; i < 40; i++) {
      const proposed = long.propose('step');
      long.commit(proposed, long.permit(proposed.step, 1));
      long.commit(long.complete(proposed.step, 1, big));
    }
    long.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: null } });
    const [first, ...rest] = long.commits;
    if (first) journal.append(first);
    const batches = journal.feed(RUN).live();
    const events = [...((await batches.next()).value ?? [])];
    const waiting = batches.next(); // it is at the end of the journal
    await new Promise((resolve) => setImmediate(resolve));
    for (const commit of rest) journal.append(commit);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(...((await waiting).value ?? []), ...(await taken(batches)));
    const stream = new RunStream();
    expect(places(events)).toEqual(places(long.commits.flatMap((commit) => stream.apply(commit))));
  });

  it('[C2.1] merges tokens between the start and the end of their call', async () => {
    const agent = new Historian(RUN);
    agent.start();
    agent.deed({ do: 'model', texts: [['Hel', 'lo', '!']], branch: false });
    agent.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: null } });
    journal.append(...agent.commits.slice(0, 2));
    const address = { tenant: 'acme', threadId: 't 1', runId: RUN };
    const say = (index: number): void => {
      const token = agent.tokens[index];
      if (token) journal.tokens.publish(address, { ...token, runId: RUN, permitVersion: 2 });
    };
    say(0);
    const batches = journal.feed(RUN).live();
    const events = await takenUntil(batches, 'token');
    say(1);
    events.push(...(await takenUntil(batches, 'token')));
    journal.append(...agent.commits.slice(2)); // the last token was lost
    events.push(...(await taken(batches)));
    expect(events.slice(4).map((event) => ('delta' in event ? event.delta : event.type))).toEqual([
      'model_start',
      'Hel',
      'lo',
      '!',
      'model_complete',
      'step_complete',
      'decision',
      'run_complete',
    ]);
  });

  it.each([
    ['unknown', OTHER, undefined, 'acme', 'RUN_NOT_FOUND'],
    ['of another tenant [I8]', RUN, undefined, 'globex', 'RUN_NOT_FOUND'],
    ['that would be later than all', LATER, undefined, 'acme', 'RUN_NOT_FOUND'],
    ['with a cursor ahead of it', RUN, '99.0', 'acme', 'INVALID_CURSOR'],
    ['with a cursor that names no event', RUN, '2.77', 'acme', 'INVALID_CURSOR'],
  ])('refuses a run %s', async (_what, runId, after, tenant, code) => {
    appendAll();
    const signal = new AbortController().signal;
    await expect(taken(journal.feed(runId, after, signal, tenant).live())).rejects.toMatchObject({ code });
    await expect(taken(journal.feed(runId, after, signal, tenant).past())).rejects.toMatchObject({ code });
  });

  it('ends when its reader goes', async () => {
    journal.append(...historian.commits.slice(0, 2));
    const gone = new AbortController();
    const reading = taken(journal.feed(RUN, undefined, gone.signal).live());
    await new Promise((resolve) => setImmediate(resolve));
    gone.abort();
    expect(places(await reading)).toEqual(places(whole.slice(0, 5)));
  });
});

async function takenUntil(
  batches: AsyncGenerator<readonly StreamEvent[], void, undefined>,
  type: StreamEvent['type'],
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  while (!events.some((event) => event.type === type)) {
    const { value, done } = await batches.next();
    if (done === true) throw new Error(`it ended without ${type}`);
    events.push(...value);
  }
  return events;
}

describe('what waits for a reader', () => {
  it('is bounded: beyond it lines are dropped, and the reader knows', async () => {
    const inbox = new Inbox(100);
    inbox.line({ sequence: 1, line: 'x'.repeat(60) });
    inbox.token({ step: 's', attempt: 1, index: 0, delta: 'lost', at: 1 });
    inbox.line({ sequence: 2, line: 'x'.repeat(60) });
    expect(inbox.overflown).toBe(true);
    expect(await inbox.mail()).toEqual({ lines: [], tokens: [] });
    inbox.restart();
    inbox.line({ sequence: 3, line: 'x' });
    expect(await inbox.mail()).toMatchObject({ lines: [{ sequence: 3 }] });
  });
});
