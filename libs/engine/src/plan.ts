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
 * A command half decided: what policy is to be asked, and how it goes on with the answers. Nothing may
 * change the state between `requests` and `conclude`.
 */
export interface Plan<Event = RunEvent> {
  readonly requests: readonly PolicyRequest[];
  /** Where the answers call for further questions (policy transformed something): the plan that goes on with them. */
  more?(answers: readonly PolicyAnswer[]): Plan<Event> | undefined;
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

/**
 * The question about an action of a run. Members stand in canonical order (RFC 8785), so that writing them is one
 * pass: a question is written for every step.
 */
export function runRequest(
  state: RunState,
  asker: Asker,
  action: PolicyAction,
  reserved: Reserved = NONE_RESERVED,
): PolicyRequest {
  return {
    tenant: state.tenant,
    entry: entryFor(action.kind),
    input: canonicalJson({
      action,
      actor: actorOf(asker),
      now: asker.now,
      run: {
        attempts: state.attempts + reserved.attempts,
        id: state.runId,
        startedBy: state.startedBy,
        steps: state.byNumber.length + reserved.steps,
        version: state.workflowVersion,
        workflow: state.workflow,
      },
      tenant: state.tenant,
      thread: { id: state.threadId },
      v: 1,
    }),
  };
}

const NONE_RESERVED: Reserved = { steps: 0, attempts: 0 };

/** Who asks, as policy sees them. */
export function actorOf({ actor, roles }: Asker): {
  id: string;
  kind: Actor['kind'];
  roles: readonly string[];
} {
  return { id: actor.name ?? actor.id, kind: actor.kind, roles };
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
