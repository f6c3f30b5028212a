import { describe, expect, it } from '@jest/globals';
import { CommitSource } from './commits.fixture.ts';
import { encodeGroup, FIRST_PREV } from './group.ts';
import { MemoryJournal, MemoryJournalStore } from './memory-journal-store.ts';
import { recoverJournal } from './recovery.ts';

describe('recovery', () => {
  it('[I5] refuses a journal whose head can not be reached by reading', async () => {
    const journal = new MemoryJournal();
    const header = { partition: 0, generation: 1, epoch: 1, groupId: '1', prev: FIRST_PREV };
    journal.land(encodeGroup(header, [new CommitSource(0).next()]).bytes, 0);
    const store = new MemoryJournalStore(journal);
    store.read = () => new MemoryJournalStore().read(1); // a follower that has not heard of it
    await expect(recoverJournal(store, { partition: 0 }, () => undefined)).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      detail: { sequence: 1, what: 'the last sequence that can be read' },
    });
  });

  it('of an empty journal expects the very first group', async () => {
    const chain = await recoverJournal(new MemoryJournalStore(), { partition: 0 }, () => undefined);
    expect([chain.sequence, chain.epoch, chain.digest]).toEqual([0, 0, FIRST_PREV]);
  });
});
