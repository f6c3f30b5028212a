import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '@summit/kernel';
import { FIRST_PREV } from './group.ts';
import { type MemoryJournal, MemoryJournalStore } from './memory-journal-store.ts';
import { project } from './project.ts';
import { ListProjection, Writing } from './projections.fixture.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Projects until so many groups are in. */
async function projected(
  journal: MemoryJournal,
  projection: ListProjection,
  until: number,
  batchBytes?: number,
) {
  const stop = new AbortController();
  const troubles: unknown[] = [];
  projection.onBatch = () => {
    if (projection.content.length >= until) stop.abort();
  };
  const listener = { onTrouble: (error: unknown) => troubles.push(error) };
  const store = new MemoryJournalStore(journal);
  const options = { store, partition: 0, projection, signal: stop.signal, listener };
  await project(batchBytes === undefined ? options : { ...options, batchBytes });
  return troubles;
}

describe('a projection', () => {
  it('[I7] takes every group in once and in order, many in a batch where many are there', async () => {
    const writing = new Writing();
    writing.write(200);
    const projection = new ListProjection();
    await projected(writing.journal, projection, 200);
    expect(projection.content).toEqual(upTo(200));
    expect(projection.batches.length).toBeLessThan(100);
  });

  it('goes on where it stands, then with what comes', async () => {
    const writing = new Writing();
    writing.write(10);
    const projection = new ListProjection();
    await projected(writing.journal, projection, 10);
    writing.write(5);
    const going = projected(writing.journal, projection, 20);
    await new Promise(setImmediate);
    writing.write(5);
    await going;
    expect(projection.content).toEqual(upTo(20));
  });

  it('[I7] reads anew after its store failed or another projector was faster, and says so', async () => {
    const writing = new Writing();
    writing.write(30);
    const projection = new ListProjection();
    projection.failures = [new RetryableError('DATABASE_UNREACHABLE', 'away', 'Wait.'), new Error('reset')];
    const troubles = await projected(writing.journal, projection, 30);
    expect(projection.content).toEqual(upTo(30));
    expect(troubles).toHaveLength(2);
  });

  it('holds no more of the journal than a batch', async () => {
    const writing = new Writing();
    writing.write(50);
    const projection = new ListProjection();
    await projected(writing.journal, projection, 50, 1);
    expect(projection.batches).toEqual(upTo(50).map(() => 1));
  });

  it('stops after the group that was named as the last', async () => {
    const writing = new Writing();
    writing.write(10);
    const projection = new ListProjection();
    const store = new MemoryJournalStore(writing.journal);
    const { signal } = new AbortController();
    await project({ store, partition: 0, projection, signal, until: 7 });
    await project({ store, partition: 0, projection, signal, until: 7 });
    expect(projection.content).toEqual(upTo(7));
  });

  it('ends with what waiting does not mend', async () => {
    const writing = new Writing();
    writing.write(3);
    const projection = new ListProjection();
    projection.failures = [new TerminalError('COMMIT_MALFORMED', 'odd', 'Look.')];
    await expect(projected(writing.journal, projection, 3)).rejects.toMatchObject({
      code: 'COMMIT_MALFORMED',
    });
    const other = new ListProjection();
    other.kept = { sequence: 2, digest: FIRST_PREV, epoch: 1 };
    await expect(projected(writing.journal, other, 3)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' });
    expect(other.content).toEqual([]);
  });
});
