import { type Actor, type Decision, type RunEvent } from '@summit/events';
import { type Instant } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';

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

/** A question to policy, and how it is kept. */
export interface PolicyQuestion extends PolicyRequest {
  /**
   * Of `input`, what the commit that records the answer does not say already, where that is less: of a tool call, all but
   * its arguments, hash, names, actor. `@summit/events` puts it together again.
   */
  readonly rest?: string | undefined;
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

/** Who asks, as policy sees them. */
export function actorOf({ actor, roles }: Asker): {
  id: string;
  kind: Actor['kind'];
  roles: readonly string[];
} {
  return { id: actor.name ?? actor.id, kind: actor.kind, roles };
}

/** A decision as it is recorded beside what it allows or denies. */
export function recorded(request: PolicyQuestion, answer: PolicyAnswer): Decision {
  const { policy, verdict, reasons, obligations, patch } = answer;
  return {
    entry: request.entry,
    policy,
    verdict,
    input: request.input,
    rest: request.rest,
    reasons: reasons.length > 0 ? [...reasons] : undefined,
    obligations: obligations.length > 0 ? [...obligations] : undefined,
    patch,
  };
}
