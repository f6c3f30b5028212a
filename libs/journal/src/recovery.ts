import { ChainCheck } from './chain.ts';
import { journalBroken } from './errors.ts';
import { type Group } from './group.ts';
import { type JournalStore } from './journal-store.ts';

/** A group of the past, its links checked. */
export interface RecoveredGroup extends Group {
  readonly sequence: number;
}

/** Which journal. */
export interface JournalName {
  readonly partition: number;
  /** Number of the stream that holds it, from 1. */
  readonly generation?: number;
}

/**
 * Reads a partition's journal from its start to its head, checks every link and hands each group to `fold`, which may
 * be a promise: the next group comes after it.
 * Resolves with the check, which knows what comes next. Rejects with `JOURNAL_BROKEN`, or when the store does.
 */
export async function recoverJournal(
  store: JournalStore,
  { partition, generation = 1 }: JournalName,
  fold: (group: RecoveredGroup) => unknown,
): Promise<ChainCheck> {
  const chain = new ChainCheck(partition, generation);
  await catchUp(store, chain, fold);
  return chain;
}

/** Reads what a check has not seen yet; see {@link recoverJournal}. */
export async function catchUp(
  store: JournalStore,
  chain: ChainCheck,
  fold: (group: RecoveredGroup) => unknown,
): Promise<void> {
  const head = await store.head();
  const known = head?.sequence ?? 0;
  for await (const { sequence, bytes } of store.read(chain.sequence + 1)) {
    await fold({ sequence, ...chain.next(sequence, bytes) });
  }
  if (chain.sequence >= known) return;
  throw journalBroken({
    partition: chain.partition,
    sequence: known,
    what: 'the last sequence that can be read',
    expected: known,
    found: chain.sequence,
  });
}
