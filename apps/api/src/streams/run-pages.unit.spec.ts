import { beforeEach, describe, expect, it } from '@jest/globals';
import { cursorText, parseCursor, RunStream, type StreamEvent } from '@summit/streams';
import { Historian } from '@summit/streams/history.fixture';
import { TestJournal } from './journal.fixture.ts';
import { type EventPage, RunPages } from './run-pages.ts';

const RUN = 'run_00_000000000aaaaaaaa';
const STEPS = 60;

let journal: TestJournal;
let historian: Historian;
let opened: number;

beforeEach(() => {
  journal = new TestJournal();
  historian = new Historian(RUN);
  opened = 0;
  historian.start();
  for (let i = 0; i < STEPS; i++)
    historian.deed({ do: i % 3 === 0 ? 'tool' : 'step', fails: i % 2, ends: 'well' });
  for (const commit of historian.commits) journal.append(commit);
});

const pagesOf = (options: { room?: number; restMs?: number } = {}): RunPages =>
  new RunPages({
    ...options,
    open: ({ tenant, runId }, after) => {
      opened++;
      return journal.feed(runId, after && cursorText(after), new AbortController().signal, tenant);
    },
  });

function whole(): StreamEvent[] {
  const stream = new RunStream();
  return historian.commits.flatMap((commit) => stream.apply(commit));
}

const page = (
  pages: RunPages,
  after: string | undefined,
  size: number,
  tenant = 'acme',
): Promise<EventPage> =>
  pages.page({ tenant, runId: RUN }, after === undefined ? undefined : parseCursor(after), size);

/** Page after page, until one is not full; `pages` says whom to ask for the next. */
async function turned(pages: () => RunPages, size: number): Promise<EventPage> {
  const events: StreamEvent[] = [];
  let next: string | undefined;
  for (;;) {
    const one = await page(pages(), next, size);
    events.push(...one.events);
    next = one.next;
    if (one.events.length < size) return { ...one, events };
  }
}

describe('the pages of a run', () => {
  it.each([1, 7, 200])(
    '[C2.4] of %i events are the whole run, each event once and in order',
    async (size) => {
      const pages = pagesOf();
      expect((await turned(() => pages, size)).events).toEqual(whole());
    },
  );

  it('[C2.4] are the same where each is of another server', async () => {
    expect((await turned(pagesOf, 7)).events).toEqual(whole());
  });

  it('cost what they hold: a commit is opened for its page, not for every page after it', async () => {
    const pages = pagesOf();
    await turned(() => pages, 5);
    expect(opened).toBe(1);
    expect(journal.opened).toBeLessThan(historian.commits.length * 2.5); // the last group is looked at again
  });

  it('go on with what has come since the last of them', async () => {
    const pages = pagesOf();
    const { next } = await turned(() => pages, 50);
    expect(await page(pages, next, 50)).toEqual({ events: [], next, ended: false });
    historian.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } });
    journal.append(...historian.commits.slice(-1));
    const last = await page(pages, next, 50);
    expect(last.events.map(({ type }) => type)).toEqual(['decision', 'run_complete']);
    expect([last.ended, opened]).toEqual([true, 1]);
    expect(await page(pages, last.next, 50)).toEqual({ events: [], next: last.next, ended: true });
  });

  it('end with the last event of the run, wherever a page is cut', async () => {
    historian.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } });
    journal.append(...historian.commits.slice(-1));
    const pages = pagesOf();
    const all = whole().length;
    const first = await page(pages, undefined, all - 1);
    const second = await page(pages, first.next, all);
    expect([first.ended, second.ended, second.events.map(({ type }) => type)]).toEqual([
      false,
      true,
      ['run_complete'],
    ]);
  });

  it('may be asked for twice, and at the same time', async () => {
    const pages = pagesOf();
    const { next } = await page(pages, undefined, 20);
    const [one, two] = await Promise.all([page(pages, next, 20), page(pages, next, 20)]);
    expect(one).toEqual(two);
    expect(await page(pages, next, 20)).toEqual(one);
  });

  it('[I8] rest for their tenant alone', async () => {
    const pages = pagesOf();
    const { next } = await page(pages, undefined, 20);
    await expect(page(pages, next, 20, 'globex')).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it('rest within bounds of room and of time, the newest in any case', async () => {
    const pages = pagesOf({ room: 1 });
    const first = await page(pages, undefined, 20);
    const second = await page(pages, first.next, 20);
    expect(opened).toBe(1);
    await page(pages, undefined, 10); // takes the room of the one before
    await page(pages, second.next, 20);
    expect(opened).toBe(3);
    const short = pagesOf({ restMs: 0 });
    const { next } = await page(short, undefined, 20);
    await new Promise((resolve) => setTimeout(resolve, 0)); // timers end in the order in which they were set
    await page(short, next, 20);
    expect(opened).toBe(5);
  });
});
