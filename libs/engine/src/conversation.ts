import { type EventOf, type Message } from '@summit/events';

/** What a leader keeps of a thread's messages and gives to its next run: the newest, up to this many UTF-16 units. */
export const MAX_CONVERSATION_LENGTH = 128 * 1024;

interface Kept {
  readonly runId: string;
  readonly message: Message;
  readonly length: number;
}

/**
 * [C4.1] A thread's messages as its next run sees them: in the order of its runs, whatever the order in which they
 * were recorded (a message that arrives while a run goes on belongs behind that run's answer). Older ones than
 * {@link MAX_CONVERSATION_LENGTH} are in the journal alone.
 */
export interface Conversation {
  /** Index of the next message; dense per thread. */
  readonly next: number;
  readonly kept: readonly Kept[];
}

export const NO_CONVERSATION: Conversation = { next: 0, kept: [] };

/** Folds one message of a run. */
export function evolveConversation(
  { kept }: Conversation,
  runId: string,
  { index, data }: EventOf<'MessageAppended'>,
): Conversation {
  const next = index + 1;
  if (!data) return { next, kept };
  const { message } = data;
  const behind = kept.findLastIndex((other) => other.runId === runId);
  const at = behind < 0 ? kept.length : behind + 1;
  return { next, kept: bounded(kept.toSpliced(at, 0, { runId, message, length: lengthOf(message) })) };
}

/** The conversation before a run: without its own messages, and without those of runs that come after it. */
export function messagesBefore(
  { kept }: Conversation,
  runId: string,
  later: readonly string[],
): readonly Message[] {
  return kept.flatMap((entry) =>
    entry.runId === runId || later.includes(entry.runId) ? [] : [entry.message],
  );
}

/** The newest that fit; it begins with what a user said, so that no answer stands without its question. */
function bounded(kept: readonly Kept[]): readonly Kept[] {
  let length = 0;
  let from = kept.length;
  while (from > 0 && (length += kept[from - 1]?.length ?? 0) <= MAX_CONVERSATION_LENGTH) from -= 1;
  if (from === 0) return kept;
  while (from < kept.length && kept[from]?.message.role !== 'user') from += 1;
  return kept.slice(from);
}

const lengthOf = (message: Message): number => JSON.stringify(message).length;
