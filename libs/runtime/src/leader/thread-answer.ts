import { threadKey, type ThreadState } from '@summit/engine';
import { type Json, NotFoundError } from '@summit/kernel';
import { answerOf } from './answers.ts';
import { type Answer, type ThreadQuery } from './command.ts';
import { type Ledger } from './ledger.ts';
import { viewOfThread } from './views.ts';

/** The thread of a tenant by the name that people gave it. // I8 */
export function threadNamed(
  { state, vault }: Pick<Ledger, 'state' | 'vault'>,
  tenant: string,
  threadId: string,
): ThreadState | undefined {
  return state.threads.get(threadKey(tenant, vault.surrogate(tenant, 'thread', threadId)));
}

/** Answers a question about a thread from the live state. */
export function threadAnswer(ledger: Pick<Ledger, 'state' | 'vault'>, query: ThreadQuery): Answer {
  const { tenant, threadId, state } = query;
  const thread = threadNamed(ledger, tenant, threadId);
  if (!thread) return answerOf(threadNotFound(threadId));
  if (!state) return { ok: true, value: { ...viewOfThread(thread, threadId) } };
  const { at = thread.stateVersion } = state;
  const found = stateAt(thread, at);
  if (found === undefined) return answerOf(versionNotFound(at));
  return { ok: true, value: { threadId, version: at, state: found } };
}

/** The present state, or one of the few before it that are kept. */
function stateAt({ state, stateVersion, past }: ThreadState, at: number): Json | undefined {
  if (at === stateVersion) return state;
  return past.find((one) => one.stateVersion === at)?.state;
}

export const threadNotFound = (threadId: string): NotFoundError =>
  new NotFoundError(
    'THREAD_NOT_FOUND',
    `there is no thread ${JSON.stringify(threadId.slice(0, 80))}`,
    'Check the id; a thread is seen by its own tenant alone, and exists from its first run on.',
  );

const versionNotFound = (at: number): NotFoundError =>
  new NotFoundError(
    'STATE_VERSION_NOT_FOUND',
    `version ${String(at)} of the state is not at hand`,
    'Ask for a newer one: the leader keeps the present state and the 16 versions before it; the journal has all.',
  );
