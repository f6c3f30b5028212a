import { type JetStreamManager } from '@nats-io/jetstream';
import { readMessage } from './bus-message.ts';
import { type Addressed, COMMANDS, commandsOf } from './subjects.ts';

/** A user's commands that are looked through at most; with more the one in question is taken as pending. */
const MAX_LOOKED_AT = 1000;

/**
 * Whether a command of a user still waits for its answer. The stream holds what is not acknowledged, and nothing else:
 * what is not there was answered, by whichever orchestrator, or was never sent. `before`: only what was sent before that
 * sequence counts, so that two commands can not wait for each other.
 */
export async function isPending(
  jsm: JetStreamManager,
  whose: Pick<Addressed, 'tenant' | 'user'>,
  commandId: string,
  before = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const next_by_subj = commandsOf(whose);
  let seq = 1;
  for (let looked = 0; looked < MAX_LOOKED_AT; looked++) {
    const next = { seq, next_by_subj }; // the server knows it; the client's type does not
    const stored = await jsm.streams.getMessage(COMMANDS.stream, next);
    if (!stored || stored.seq >= before) return false;
    if (idOf(stored.data) === commandId) return true;
    seq = stored.seq + 1;
  }
  return true;
}

function idOf(data: Uint8Array): string | undefined {
  try {
    return readMessage(data).commandId;
  } catch {
    return undefined; // a dead letter to be
  }
}
