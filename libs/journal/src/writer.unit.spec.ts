import { describe, expect, it } from '@jest/globals';
import { CommitSource, contentOf } from './commits.fixture.ts';
import { FIRST_PREV } from './group.ts';
import { type JournalObservation } from './journal-listener.ts';
import { type AppendFault, MemoryJournal, MemoryJournalStore } from './memory-journal-store.ts';
import { JournalWriter, GROUP_WORTH_SENDING } from './writer.ts';

interface Setting {
  readonly journal?: MemoryJournal;
  readonly faults?: readonly AppendFault[];
  readonly onDurable?: (ordinal: number) => void;
}

async function open({ journal = new MemoryJournal(), faults = [], onDurable }: Setting = {}) {
  const [durable, lost, seen]: [number[], string[], JournalObservation[]] = [[], [], []];
  const left = [...faults];
  const store = new MemoryJournalStore(journal, { append: () => left.shift() ?? 'none' });
  const writer = await JournalWriter.open({
    store,
    partition: 0,
    fold: () => undefined,
    shell: { wait: () => Promise.resolve() },
    listener: {
      onDurable: (ordinal) => {
        durable.push(ordinal);
        onDurable?.(ordinal);
      },
      onLost: (reason) => lost.push(reason),
      observe: (observation) => seen.push(observation),
    },
  });
  return { journal, store, writer, durable, lost, seen };
}

describe('the journal writer', () => {
  it('puts the commits of one turn of the event loop into one group', async () => {
    const { journal, writer, durable } = await open();
    const source = new CommitSource(0);
    expect([1, 2, 3].map(() => writer.append(source.next()))).toEqual([1, 2, 3]);
    expect(journal.last).toBe(0);
    await writer.close();
    expect(durable).toEqual([3]);
    expect(journal.last).toBe(1);
  });

  it('has one append in flight; what comes meanwhile is the next group', async () => {
    const source = new CommitSource(0);
    const waiting = [source.next(), source.next()];
    const setting = await open({
      onDurable: () => {
        for (const commit of waiting.splice(0)) setting.writer.append(commit);
      },
    });
    setting.writer.append(source.next());
    await setting.writer.close();
    expect(setting.durable).toEqual([1, 3]);
    expect(setting.journal.last).toBe(2);
  });

  it.each([
    [
      'waits for the end of the turn where it is little',
      GROUP_WORTH_SENDING - 1,
      [1, GROUP_WORTH_SENDING + 1],
    ],
    [
      'is sent at once where it is worth a group',
      GROUP_WORTH_SENDING,
      [1, GROUP_WORTH_SENDING + 1, GROUP_WORTH_SENDING + 2],
    ],
  ])('what waits when a group is stored %s', async (_, count, groups) => {
    const source = new CommitSource(0);
    const setting = await open({
      onDurable: (ordinal) => {
        if (ordinal > 1) return;
        for (let i = 0; i < count; i++) setting.writer.append(source.next());
        setImmediate(() => setting.writer.append(source.next()));
      },
    });
    setting.writer.append(source.next());
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await setting.writer.close();
    expect(setting.durable).toEqual(groups);
  });

  it('[I2] takes the epoch after the head’s and goes on where the head ends', async () => {
    const first = await open();
    const source = new CommitSource(0);
    first.writer.append(source.next());
    await first.writer.close();
    const second = await open({ journal: first.journal });
    expect([first.writer.epoch, second.writer.epoch]).toEqual([1, 2]);
    second.writer.append(source.next());
    await second.writer.close();
    expect(contentOf(first.journal).map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('refuses a commit of 512 KiB before it is taken, and goes on', async () => {
    const { writer, durable } = await open();
    const source = new CommitSource(0);
    expect(() => writer.append({ ...source.next(), line: Buffer.from('ü'.repeat(256 * 1024)) })).toThrow(
      expect.objectContaining({ code: 'COMMIT_TOO_LARGE' }),
    );
    expect(writer.append(new CommitSource(0).next('acme', 'r1', 'x'.repeat(500 * 1024)))).toBe(1);
    await writer.close();
    expect(durable).toEqual([1]);
  });

  it.each<[string, AppendFault[], number]>([
    ['an append that landed without an answer is found at the head', ['ack_lost'], 1],
    ['a request that was lost is sent again, the same bytes', ['request_lost', 'request_lost'], 3],
    ['a request that arrives late lands once', ['late'], 2],
    ['[C1.1] a full disk keeps the state, and the same group is tried again', ['full', 'full', 'full'], 4],
  ])('%s', async (_, faults, tries) => {
    const { journal, writer, durable, lost, seen } = await open({ faults });
    const source = new CommitSource(0);
    writer.append(source.next());
    writer.append(source.next());
    await writer.close();
    expect(contentOf(journal)).toHaveLength(2);
    expect([durable, lost]).toEqual([[2], []]);
    expect(seen.at(-1)).toMatchObject({ type: 'stored', sequence: 1, commits: 2, tries });
  });

  it('[I2] is lost when another wrote, once, and refuses what comes after', async () => {
    const { journal, writer, durable, lost, seen } = await open();
    const rival = await open({ journal });
    rival.writer.append(new CommitSource(0).next('_system', 'rival'));
    await rival.writer.close();
    const source = new CommitSource(0);
    writer.append(source.next());
    await writer.close();
    expect([durable, lost.length, writer.lost]).toEqual([[], 1, true]);
    expect(() => writer.append(source.next())).toThrow(expect.objectContaining({ code: 'JOURNAL_LOST' }));
    expect(seen.map(({ type }) => type)).toEqual(['doubt', 'lost']);
  });

  it('[I2] says nothing of an append that lands after it was abandoned', async () => {
    const journal = new MemoryJournal();
    const answer = Promise.withResolvers<undefined>();
    const said: unknown[] = [];
    const arrived = Promise.withResolvers<undefined>();
    const writer = new JournalWriter(
      { sequence: 0, digest: FIRST_PREV, epoch: 1 },
      {
        partition: 0,
        store: new MemoryJournalStore(journal, {
          travel: async (label) => {
            if (label !== 'appended') return;
            arrived.resolve(undefined);
            await answer.promise;
          },
        }),
        listener: {
          onDurable: (ordinal) => said.push(ordinal),
          onLost: (reason) => said.push(reason),
          observe: (observation) => said.push(observation),
        },
      },
    );
    writer.append(new CommitSource(0).next());
    await arrived.promise;
    writer.abandon('the lease is gone');
    answer.resolve(undefined);
    await new Promise(setImmediate);
    expect(journal.last).toBe(1);
    expect(said).toEqual([]);
  });

  it('[I2] is lost when its listener fails: what was said may be wrong from there on', async () => {
    const { writer, lost } = await open({
      onDurable: () => {
        throw new Error('a defect of the leader');
      },
    });
    writer.append(new CommitSource(0).next());
    await writer.close();
    expect(lost).toEqual(['a defect: a defect of the leader']);
  });

  it('hands recovery every group in order, and stops at a broken one', async () => {
    const { journal, writer, store } = await open();
    const source = new CommitSource(0);
    for (let i = 0; i < 3; i++) {
      writer.append(source.next());
      await new Promise(setImmediate);
    }
    await writer.close();
    const sequences: number[] = [];
    const listener = { onDurable: () => undefined, onLost: () => undefined };
    await JournalWriter.open({
      store,
      partition: 0,
      listener,
      fold: ({ sequence }) => sequences.push(sequence),
    });
    expect(sequences).toEqual([1, 2, 3]);
    journal.groups.splice(1, 1);
    const again = JournalWriter.open({ store, partition: 0, listener, fold: () => undefined });
    await expect(again).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      detail: { sequence: 2, what: 'prev' },
    });
  });
});
