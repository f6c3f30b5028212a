/**
 * One group onto the journal, whatever the network does.
 *
 * Only an acknowledgement is success. After anything else the head decides, because nothing else knows: // I2
 *
 * | the head | the group |
 * |---|---|
 * | holds it, by its own group id | landed |
 * | is what was expected before | did not land, or not yet: the same bytes again, which cannot both land |
 * | is anything else | lost: another leader wrote |
 *
 * The same bytes are tried for as long as it takes: after an outage of any length an unmoved head still takes
 * them in the same epoch. A full disk looks like that too.
 */
import { decodeHeader } from './group.ts';
import { type JournalListener } from './journal-listener.ts';
import { type AppendOutcome, type JournalStore, type StoredGroup } from './journal-store.ts';

/** Between tries, milliseconds: doubled each time up to the largest. */
const FIRST_BACKOFF_MS = 20;
const LARGEST_BACKOFF_MS = 500;

/** What came of a group. */
export type Fate =
  | { readonly landed: number; readonly tries: number }
  | { readonly lost: string }
  /** The writer was told to stop before anybody knew. */
  | 'stopped';

export interface Append {
  readonly store: JournalStore;
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly groupId: string;
  readonly expectedSequence: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
  readonly listener: JournalListener;
}

/** Appends until its fate is known. */
export async function settle(append: Append): Promise<Fate> {
  for (let tries = 1; !append.stopped(); tries++) {
    const outcome = await appendOnce(append);
    if (append.stopped()) return 'stopped';
    if (outcome.status === 'stored' && outcome.sequence === append.expectedSequence + 1) {
      return { landed: outcome.sequence, tries };
    }
    tellDoubt(append, outcome, tries);
    const head = await readHead(append);
    if (head === 'stopped') return 'stopped';
    if (isOwn(append, head)) return { landed: append.expectedSequence + 1, tries };
    if ((head?.sequence ?? 0) !== append.expectedSequence) return { lost: beatenBy(append, head) };
    await append.wait(backoff(tries));
  }
  return 'stopped';
}

async function appendOnce({ store, bytes, expectedSequence }: Append): Promise<AppendOutcome> {
  try {
    return await store.append(bytes, expectedSequence);
  } catch (error) {
    return { status: 'unanswered', code: 'ERROR', message: messageOf(error) };
  }
}

/** Asks until there is an answer: without one nobody knows. */
async function readHead({
  store,
  wait,
  stopped,
  listener,
}: Append): Promise<StoredGroup | undefined | 'stopped'> {
  for (let tries = 1; !stopped(); tries++) {
    try {
      return await store.head();
    } catch (error) {
      if (stopped()) return 'stopped';
      listener.observe?.({ type: 'head_unreadable', message: messageOf(error), tries });
      await wait(backoff(tries));
    }
  }
  return 'stopped';
}

function isOwn({ partition, groupId, expectedSequence }: Append, head: StoredGroup | undefined): boolean {
  if (head?.sequence !== expectedSequence + 1) return false;
  return decodeHeader(head.bytes, { partition, sequence: head.sequence }).groupId === groupId;
}

function tellDoubt({ listener }: Append, outcome: AppendOutcome, tries: number): void {
  const { code, message } =
    outcome.status === 'stored'
      ? { code: 'ODD', message: `acknowledged as sequence ${String(outcome.sequence)}` }
      : outcome;
  listener.observe?.({ type: 'doubt', code, message, tries });
}

const beatenBy = ({ expectedSequence }: Append, head: StoredGroup | undefined): string =>
  `the journal stands at sequence ${String(head?.sequence ?? 0)}, written by another, not at ${String(expectedSequence)}`;

const backoff = (tries: number): number => Math.min(LARGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (tries - 1));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
