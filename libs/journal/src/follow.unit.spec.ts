import { describe, expect, it } from '@jest/globals';
import { type JournalPosition } from './chain.ts';
import { CommitSource } from './commits.fixture.ts';
import { type FollowedGroup, followJournal, positionAfter } from './follow.ts';
import { encodeGroup, FIRST_PREV } from './group.ts';
import { MemoryJournal, MemoryJournalStore, type StoreFaults } from './memory-journal-store.ts';

/** A journal of groups with one commit each, and where a follower stands after each. */
function journalOf(count: number, payload = ''): { journal: MemoryJournal; positions: JournalPosition[] } {
  const journal = new MemoryJournal();
  const source = new CommitSource(0);
  const positions: JournalPosition[] = [{ sequence: 0, digest: FIRST_PREV, epoch: 0 }];
  for (let i = 0; i < count; i++) {
    const prev = positions.at(-1)?.digest ?? FIRST_PREV;
    const header = { partition: 0, generation: 1, epoch: 1 + Math.floor(i / 3), groupId: String(i), prev };
    const { bytes, digest } = encodeGroup(header, [source.next('acme', 'r1', payload)]);
    journal.land(bytes, i);
    positions.push({ sequence: i + 1, digest, epoch: header.epoch });
  }
  return { journal, positions };
}

async function follow(
  journal: MemoryJournal,
  from?: JournalPosition,
  faults?: StoreFaults,
): Promise<FollowedGroup[]> {
  const stop = new AbortController();
  const found: FollowedGroup[] = [];
  const store = new MemoryJournalStore(journal, faults);
  for await (const group of followJournal(store, { partition: 0, from, signal: stop.signal })) {
    found.push(group);
    if (group.pending === 0) stop.abort();
  }
  return found;
}

const sequences = (groups: readonly FollowedGroup[]): number[] => groups.map(({ sequence }) => sequence);

describe('following a journal', () => {
  it('[I5] begins at the very first group, and goes on in the middle from what was kept', async () => {
    const { journal, positions } = journalOf(7);
    const all = await follow(journal);
    expect(sequences(all)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(all.map(positionAfter)).toEqual(positions.slice(1));
    for (const position of positions.slice(0, -1)) {
      const rest = await follow(journal, position);
      expect(rest).toEqual(all.slice(position.sequence));
    }
  });

  it('[I5] stops where a group does not link to the one that was kept', async () => {
    const { positions } = journalOf(4);
    const { journal: another } = journalOf(7, 'another');
    await expect(follow(another, positions[4])).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      detail: { sequence: 5, what: 'prev' },
    });
  });

  it('[I5] stops where the epoch goes back', async () => {
    const { journal, positions } = journalOf(4);
    const { sequence, digest } = positions[3] ?? { sequence: 0, digest: '' };
    await expect(follow(journal, { sequence, digest, epoch: 9 })).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      detail: { what: 'the epoch' },
    });
  });

  it('[I5] stops where the journal ends before the position: it is not the one that it was kept for', async () => {
    const { positions } = journalOf(5);
    const { journal: shorter } = journalOf(3);
    await expect(follow(shorter, positions[5])).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      detail: { sequence: 5, what: 'the head of the journal' },
    });
  });

  it('waits for a head that can not be read', async () => {
    const { journal, positions } = journalOf(5);
    let unanswered = 1;
    const found = await follow(journal, positions[2], { headLost: () => unanswered-- > 0 });
    expect(sequences(found)).toEqual([3, 4, 5]);
  });
});
