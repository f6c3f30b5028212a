import { type RunEvent, type ThreadEvent } from '@summit/events';
import { canonicalJson, ConflictError, InvalidInputError, isObject, type Json } from '@summit/kernel';
import { entryFor, type PolicyAction, type PolicyRequest, viewOf } from '@summit/policy';
import { actionHash } from './action-hash.ts';
import { type PatchOperation } from './frame.ts';
import { applyDecidedPatch } from './patch-budget.ts';
import { actorOf, type Asker, type Plan, recorded } from './plan.ts';
import { runRequest } from './run.input.ts';
import { CommandRefused } from './run.commands.ts';
import { refusal } from './run.proposal.ts';
import { type RunState } from './run.state.ts';
import { stateHash } from './state-hash.ts';
import { type ThreadState } from './thread.ts';

/** [C3.3] What somebody wants the state to be changed by, and the version that they have seen. */
export interface StateEdit {
  readonly patch: readonly PatchOperation[];
  readonly expectedVersion: number;
}

/**
 * Plans an edit of a thread's state by a person. `run` is the run that has the thread, whose commit the edit will be;
 * without one it is a commit of the thread. What does not fit the state is told to those alone who may edit it.
 * Throws `STATE_VERSION_MISMATCH` and `PATCH_INVALID` when it is concluded.
 */
export function planStateEdit(
  thread: ThreadState,
  run: RunState | undefined,
  { patch, expectedVersion }: StateEdit,
  asker: Asker,
): Plan {
  const operations = patch.map((operation) => ({ ...operation }));
  const text = canonicalJson(operations);
  const action: PolicyAction = { kind: 'state.patch', name: 'state', ...viewOf(operations, text) };
  const request = run ? runRequest(run, asker, action) : threadRequest(thread, asker, action);
  return {
    requests: [request],
    conclude([answer]) {
      const decisions = answer ? [recorded(request, answer)] : [];
      const error = refusal(answer, 'the state to be edited');
      if (error) throw new CommandRefused(error, { decisions });
      const state = edited(thread, operations, expectedVersion);
      const stateVersion = thread.stateVersion + 1;
      const hash = actionHash(thread.threadId, 'state', 'state.patch', text);
      const data = { patch: operations, hash: stateHash(state) };
      const event: RunEvent = {
        type: 'StatePatched',
        v: 1,
        basis: 0,
        stateVersion,
        actionHash: hash,
        data,
      };
      return { decisions, events: [event] };
    },
  };
}

function edited(thread: ThreadState, patch: readonly PatchOperation[], expected: number): Json {
  if (thread.stateVersion !== expected) {
    throw new ConflictError(
      'STATE_VERSION_MISMATCH',
      `the state is at version ${String(thread.stateVersion)}, not ${String(expected)}`,
      'Read the state again, and send a patch that fits what it is now.',
    );
  }
  const state = applyDecidedPatch(thread.state, patch);
  if (isObject(state)) return state;
  throw new InvalidInputError(
    'PATCH_INVALID',
    'the patch does not leave a JSON object',
    'Change members of the state.',
  );
}

/** Plans a thread ahead of its first run. */
export function planThread(
  thread: Pick<ThreadState, 'tenant' | 'threadId'>,
  state: Json,
  asker: Asker,
): Plan<ThreadEvent> {
  const request = threadRequest(thread, asker, { kind: 'thread.create', name: 'thread', ...viewOf(state) });
  return {
    requests: [request],
    conclude([answer]) {
      const decisions = answer ? [recorded(request, answer)] : [];
      const error = refusal(answer, 'a thread to be made');
      if (error) throw new CommandRefused(error, { decisions });
      const data = { threadId: thread.threadId, state };
      return { decisions, events: [{ type: 'ThreadCreated', v: 1, basis: 0, data }] };
    },
  };
}

/** The question about an action on a thread that no run has. */
function threadRequest(
  { tenant, threadId }: Pick<ThreadState, 'tenant' | 'threadId'>,
  asker: Asker,
  action: PolicyAction,
): PolicyRequest {
  return {
    tenant,
    entry: entryFor(action.kind),
    input: canonicalJson({
      v: 1,
      tenant,
      now: asker.now,
      actor: actorOf(asker),
      thread: { id: threadId },
      action,
    }),
  };
}
