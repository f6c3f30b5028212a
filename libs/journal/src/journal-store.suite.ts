/**
 * The contract of {@link JournalStore}, for every implementation: the in-memory twin and real servers alike.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommitSource } from './commits.fixture.ts';
import { type JournalStore, type StoredGroup } from './journal-store.ts';
import { recoverJournal } from './recovery.ts';
import { JournalWriter } from './writer.ts';

/** An empty journal of partition 0, seen by two parties. */
export interface JournalUnderTest {
  readonly one: JournalStore;
  readonly other: JournalStore;
}

export interface JournalStoreSuite {
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** A new, empty journal; called before each test. */
  fresh(): Promise<JournalUnderTest>;
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

async function all(groups: AsyncIterable<StoredGroup>): Promise<StoredGroup[]> {
  const found: StoredGroup[] = [];
  for await (const { sequence, bytes } of groups) found.push({ sequence, bytes: Uint8Array.from(bytes) });
  return found;
}

/** Takes so many groups, then stops following. */
async function tailed(store: JournalStore, from: number, count: number): Promise<string[]> {
  const stop = new AbortController();
  const found: string[] = [];
  for await (const { sequence, bytes } of store.tail(from, stop.signal)) {
    found.push(`${String(sequence)} ${textOf(bytes)}`);
    if (found.length === count) stop.abort();
  }
  return found;
}

export function journalStoreSuite(name: string, suite: JournalStoreSuite): void {
  describe(`${name} as a journal store`, () => {
    let one: JournalStore;
    let other: JournalStore;
    beforeAll(async () => suite.start?.());
    afterAll(async () => suite.stop?.());
    beforeEach(async () => {
      ({ one, other } = await suite.fresh());
    });

    it('is empty at first', async () => {
      expect(await one.head()).toBeUndefined();
      expect(await all(one.read(1))).toEqual([]);
    });

    it('stores appends one after another, from sequence 1, for everybody to read', async () => {
      for (const [i, text] of ['a', 'b', 'ü🎈'].entries()) {
        expect(await one.append(bytesOf(text), i)).toEqual({ status: 'stored', sequence: i + 1 });
      }
      const head = await other.head();
      expect(head?.sequence).toBe(3);
      expect(textOf(head?.bytes ?? new Uint8Array())).toBe('ü🎈');
      const read = await all(other.read(2));
      expect(read.map(({ sequence, bytes }) => [sequence, textOf(bytes)])).toEqual([
        [2, 'b'],
        [3, 'ü🎈'],
      ]);
      expect(await all(other.read(4))).toEqual([]);
      expect(textOf((await other.get(2))?.bytes ?? new Uint8Array())).toBe('b');
      expect(await other.get(4)).toBeUndefined();
    });

    it('[I2] stores nothing where the expectation is wrong, be it too low or too high', async () => {
      await one.append(bytesOf('a'), 0);
      for (const expected of [0, 2, 7]) {
        expect(await other.append(bytesOf('x'), expected)).toMatchObject({ status: 'refused' });
      }
      expect((await all(one.read(1))).map(({ bytes }) => textOf(bytes))).toEqual(['a']);
    });

    it('[I2] of many appends with one expectation stores one, and answers stored to that one alone', async () => {
      for (let round = 0; round < 10; round++) {
        const texts = Array.from({ length: 8 }, (_, i) => `${String(round)}.${String(i)}`);
        const outcomes = await Promise.all(
          texts.map((text, i) => (i % 2 === 0 ? one : other).append(bytesOf(text), round)),
        );
        const stored = outcomes.flatMap(({ status }, i) => (status === 'stored' ? [texts[i]] : []));
        const head = await one.head();
        expect(stored).toEqual([textOf(head?.bytes ?? new Uint8Array())]);
        expect(head?.sequence).toBe(round + 1);
      }
    });

    it('refuses the same bytes again once they landed, and shows them at the head', async () => {
      await one.append(bytesOf('a'), 0);
      expect(await one.append(bytesOf('a'), 0)).toMatchObject({ status: 'refused' });
      expect((await one.head())?.sequence).toBe(1);
    });

    it('takes a group of the largest size, and gives it back whole', async () => {
      const bytes = Buffer.alloc(one.maxGroupBytes, 'summit ');
      expect(await one.append(bytes, 0)).toEqual({ status: 'stored', sequence: 1 });
      expect(Buffer.compare((await other.head())?.bytes ?? new Uint8Array(), bytes)).toBe(0);
      const [group] = await all(other.read(1));
      expect(Buffer.compare(group?.bytes ?? new Uint8Array(), bytes)).toBe(0);
    });

    it('is followed from any sequence: what is there, then what comes, in order and once', async () => {
      const wanted = Array.from({ length: 150 }, (_, i) => `${String(i + 1)} ${'x'.repeat(i % 7)}`);
      const append = async (from: number, to: number): Promise<void> => {
        for (let i = from; i < to; i++) await one.append(bytesOf('x'.repeat(i % 7)), i);
      };
      await append(0, 50);
      const followers = [1, 40, 51, 90].map((from) => tailed(other, from, 150 - from + 1));
      await append(50, 150);
      expect(await Promise.all(followers)).toEqual([1, 40, 51, 90].map((from) => wanted.slice(from - 1)));
    });

    it('tells who follows how much is behind a group', async () => {
      for (const i of [0, 1, 2]) await one.append(bytesOf('x'), i);
      const stop = new AbortController();
      const pending: number[] = [];
      for await (const group of other.tail(1, stop.signal)) {
        pending.push(group.pending);
        if (pending.length === 3) stop.abort();
      }
      expect(pending).toEqual([2, 1, 0]);
    });

    it('is no longer followed once that is aborted, with nothing there, waiting, or before it began', async () => {
      const aborted = AbortSignal.abort();
      for await (const _ of one.tail(1, aborted)) throw new Error('it was aborted');
      const stop = new AbortController();
      const waiting = (async () => {
        for await (const { sequence } of one.tail(1, stop.signal))
          if (sequence === 1) setImmediate(() => stop.abort());
      })();
      await other.append(bytesOf('a'), 0);
      await waiting;
    });

    it('is followed no faster than groups are taken, and by who leaves in the middle', async () => {
      for (let i = 0; i < 100; i++) await one.append(bytesOf(String(i)), i);
      const stop = new AbortController();
      const found: number[] = [];
      for await (const { sequence } of other.tail(1, stop.signal)) {
        await new Promise(setImmediate);
        found.push(sequence);
        if (sequence === 60) break;
      }
      expect(found).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    });

    it('[I5] is written by a writer and recovered by another, every link checked', async () => {
      const listener = { onDurable: () => undefined, onLost: () => undefined };
      const writer = await JournalWriter.open({ store: one, partition: 0, listener, fold: () => undefined });
      const source = new CommitSource(0);
      const digests: string[] = [];
      for (let i = 0; i < 500; i++) {
        const commit = source.next(i % 3 === 0 ? 'acme' : 'blu', `r${String(i % 7)}`, 'x'.repeat(i * 10));
        digests.push(commit.digest);
        writer.append(commit);
        if (i % 10 === 0) await new Promise(setImmediate);
      }
      await writer.close();
      const recovered: string[] = [];
      const chain = await recoverJournal(other, { partition: 0 }, ({ commits }) => {
        recovered.push(...commits.map(({ digest }) => digest));
      });
      expect(recovered).toEqual(digests);
      expect(chain.sequence).toBe(writer.sequence);
    });
  });
}
