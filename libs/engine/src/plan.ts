import { type Actor, type Decision, type RunEvent } from '@summit/events';
import { canonicalJson, type Instant } from '@summit/kernel';
import { entryFor, type PolicyAction, type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type RunState } from './run.state.ts';

/** What is to be recorded: decisions and the events that stand on them. */
export interface Draft<Event = RunEvent> {
  readonly decisions: Decision[];
  readonly events: Event[];
}

/**
 * A command half decided: what policy is to be asked, and how it goes on with the answers. A leader asks for a whole
 * turn's plans at once; nothing may change the state between `requests` and `conclude`.
 */
export interface Plan<Event = RunEvent> {
  readonly requests: readonly PolicyRequest[];
  conclude(answers: readonly PolicyAnswer[]): Draft<Event>;
}

/** Who asks, when. Time and identity come in; nothing here reads a clock. */
export interface Asker {
  readonly actor: Actor;
  readonly roles: readonly string[];
  readonly now: Instant;
}

/** Counters that policy sees, with what is reserved by earlier proposals of the same frame. */
export interface Reserved {
  steps: number;
  attempts: number;
}

/** The question about an action of a run. */
export function runRequest(
  state: RunState,
  asker: Asker,
  action: PolicyAction,
  reserved: Reserved = { steps: 0, attempts: 0 },
): PolicyRequest {
  return {
    tenant: state.tenant,
    entry: entryFor(action.kind),
    input: canonicalJson({
      v: 1,
      tenant: state.tenant,
      now: asker.now,
      actor: { kind: asker.actor.kind, id: asker.actor.name ?? asker.actor.id, roles: asker.roles },
      thread: { id: state.threadId },
      run: {
        id: state.runId,
        workflow: state.workflow,
        version: state.workflowVersion,
        startedBy: state.startedBy,
        steps: state.byNumber.length + reserved.steps,
        attempts: state.attempts + reserved.attempts,
      },
      action,
    }),
  };
}

/** A decision as it is recorded beside what it allows or denies. */
export function recorded(request: PolicyRequest, answer: PolicyAnswer): Decision {
  const { policy, verdict, reasons, obligations, patch } = answer;
  return {
    entry: request.entry,
    policy,
    verdict,
    input: request.input,
    ...(reasons.length > 0 && { reasons: [...reasons] }),
    ...(obligations.length > 0 && { obligations: [...obligations] }),
    ...(patch !== undefined && { patch }),
  };
}
