/**
 * What projections read: a partition's journal from where they stand, then live, the links checked. // I5
 *
 * A follower keeps a {@link JournalPosition} beside what it made of the groups. Its `prev` is enough to go on in the
 * middle: it holds every byte in its place, so the numbering of tenants and entities needs no second look here
 * (`summit verify` and recovery take it).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GroupChain, JOURNAL_START, type JournalPosition } from './chain.ts';
import { journalBroken } from './errors.ts';
import { type JournalStore, type StoredGroup } from './journal-store.ts';
import { type JournalName, type RecoveredGroup } from './recovery.ts';

/** Between two tries to read the head, milliseconds. */
const HEAD_RETRY_MS = 500;

/** A group of the past or of now, its links checked. */
export interface FollowedGroup extends RecoveredGroup {
  /** How many more there were behind it when it was sent. */
  readonly pending: number;
}

export interface FollowJournal extends JournalName {
  /** After which group; from the very first where it is not given. */
  readonly from?: JournalPosition | undefined;
  /** The sequence of the last group that is wanted; without it, live for ever. */
  readonly until?: number | undefined;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
}

/**
 * Yields every group after a position, once and in order, waiting for those to come; outages of the store are waited
 * for too. Throws `JOURNAL_BROKEN` where the bytes do not link up: also where the journal ends before the position,
 * or holds something else there, because it is not the one that the position was kept for.
 */
export async function* followJournal(
  store: JournalStore,
  { partition, generation = 1, from = JOURNAL_START, until = Infinity, signal }: FollowJournal,
): AsyncGenerator<FollowedGroup, void, undefined> {
  const chain = new GroupChain(partition, generation, from);
  await expectReached(store, chain, signal);
  if (from.sequence >= until) return;
  for await (const { sequence, bytes, pending } of store.tail(from.sequence + 1, signal)) {
    yield { sequence, pending, ...chain.next(sequence, bytes) };
    if (sequence >= until) return;
  }
}

/** The position after a group: what a projection keeps. */
export function positionAfter({ sequence, digest, header }: RecoveredGroup): JournalPosition {
  return { sequence, digest, epoch: header.epoch };
}

async function expectReached(store: JournalStore, chain: GroupChain, signal: AbortSignal): Promise<void> {
  const { sequence } = chain.position;
  if (sequence === 0) return;
  const head = await headOf(store, signal);
  if (signal.aborted || (head?.sequence ?? 0) >= sequence) return;
  throw journalBroken({
    partition: chain.partition,
    sequence,
    what: 'the head of the journal',
    expected: `at sequence ${String(sequence)} or after it`,
    found: `sequence ${String(head?.sequence ?? 0)}`,
  });
}

/** Asks until there is an answer. */
async function headOf(store: JournalStore, signal: AbortSignal): Promise<StoredGroup | undefined> {
  while (!signal.aborted) {
    try {
      return await store.head();
    } catch {
      await delay(HEAD_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
