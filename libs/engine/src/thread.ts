import { type Commit, type EventOf } from '@summit/events';
import { type Instant, type Json, TerminalError } from '@summit/kernel';
import { type Conversation } from './conversation.ts';
import { applyPatch } from './patch.ts';
import { ERASED } from './run.created.ts';

/** Versions of a thread's state before the present one that are kept to be looked at. */
const PAST_VERSIONS = 16;

/** A conversation's state, across its runs. `stateVersion` is dense per thread and is what `If-Match` means. */
export interface ThreadState {
  readonly tenant: string;
  /** Surrogate, as it stands in clear. */
  readonly thread: string;
  /** Id of the key that seals the thread's commits. */
  readonly key: string;
  /** [C4.1] What was said on it; nothing, where it is not given. */
  conversation?: Conversation;
  /** As people named it. */
  readonly threadId: string;
  readonly createdAt: Instant;
  /** Commits of the thread itself: it was made ahead of its runs, or edited while none of them was under way. */
  version: number;
  state: Json;
  stateVersion: number;
  /** The newest versions before it, oldest first. */
  readonly past: { readonly stateVersion: number; readonly state: Json }[];
  /** The run that has the thread, and those that wait for it, in order. */
  active: string | undefined;
  readonly queue: string[];
}

type Named = Pick<ThreadState, 'tenant' | 'thread' | 'key' | 'threadId' | 'createdAt'>;

/** A thread that nothing has happened on. */
export function emptyThread({ tenant, thread, key, threadId, createdAt }: Named): ThreadState {
  return {
    tenant,
    thread,
    key,
    threadId,
    createdAt,
    version: 0,
    state: {},
    stateVersion: 0,
    past: [],
    active: undefined,
    queue: [],
  };
}

/** Folds a commit of the thread itself. Takes the state over and gives it back. // I6 */
export function evolveThread(
  state: ThreadState | undefined,
  { tenant, entity, key, at, version, events }: Commit,
): ThreadState {
  let thread = state;
  for (const event of events) {
    if (event.type === 'ThreadCreated') {
      const { threadId = ERASED, state: initial = {} } = event.data ?? {};
      thread = emptyThread({ tenant, thread: entity.id, key, threadId, createdAt: at });
      thread.state = initial;
    } else if (event.type === 'StatePatched' && thread) patchThread(thread, event);
  }
  if (!thread) {
    const next = 'Run summit verify --journal.';
    throw new TerminalError('JOURNAL_BROKEN', `thread ${entity.id} was never created`, next);
  }
  thread.version = version;
  return thread;
}

/** The state as a patch leaves it; erased, it stays what it was. */
export function patchThread(thread: ThreadState, { stateVersion, data }: EventOf<'StatePatched'>): void {
  thread.past.push({ stateVersion: thread.stateVersion, state: thread.state });
  if (thread.past.length > PAST_VERSIONS) thread.past.shift();
  thread.stateVersion = stateVersion;
  if (data) thread.state = applyPatch(thread.state, data.patch);
}
