import { type Commit, type EventOf } from '@summit/events';
import { FewMap } from '@summit/kernel';
import { type RunState } from './run.state.ts';
import { runWords } from './run.words.ts';
import { threadKey } from './thread-key.ts';

/** What stands for data whose key was destroyed. */
export const ERASED = '(erased)';

/** A run as its first event makes it. */
export function created(
  head: Pick<Commit, 'at' | 'key' | 'actor' | 'tenant' | 'entity' | 'trace'>,
  { thread, data }: EventOf<'RunCreated'>,
): RunState {
  const named = {
    tenant: head.tenant,
    runId: head.entity.id,
    workflow: data?.workflow ?? ERASED,
    workflowVersion: data?.version ?? ERASED,
    threadId: data?.threadId ?? ERASED,
    startedBy: head.actor.name ?? ERASED,
  };
  return {
    ...named,
    words: runWords(named),
    thread,
    threadKey: threadKey(head.tenant, thread),
    key: head.key,
    input: data?.input ?? null,
    seed: data?.seed ?? ERASED,
    createdAt: head.at,
    trace: head.trace,
    status: 'pending',
    version: 0,
    paused: false,
    cancelRequested: false,
    epoch: undefined,
    executor: undefined,
    coroutine: 0,
    frame: 0,
    steps: new Map(),
    byNumber: [],
    open: new FewMap(),
    attempts: 0,
    signals: new Map(),
    approvals: new Map(),
    requesters: new Set(head.actor.name === undefined ? [] : [head.actor.name]),
    history: [],
    message: undefined,
    baseMessages: [],
    tokens: 0,
    baseState: null,
    baseVersion: 0,
    output: null,
    error: undefined,
  };
}
