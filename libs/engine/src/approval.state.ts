import { type ApprovalDecision, type ApprovalSubject } from '@summit/events';
import { type Instant, isObject, type Json } from '@summit/kernel';

/** What people are shown, and under which terms they answer. */
export interface Ask {
  /** SHA-256 of the canonical JSON of `shown`: what an answer has to name. // C3.2 */
  readonly actionHash: string;
  /** `{arguments, run, stepKey, tool}`. */
  readonly shown: Json;
  /** How many different people must agree. */
  readonly quorum: number;
  /** Who may answer: people with one of these roles. */
  readonly roles: readonly string[];
  /** Undefined: it waits for ever. */
  readonly expiresAt: Instant | undefined;
  /** Who is asked next where nobody answers in time. */
  readonly escalate: { readonly roles: readonly string[]; readonly ttl_s: number } | undefined;
  /** Whoever asked for the action may not answer. */
  readonly separation: boolean;
  /** Why policy asks. */
  readonly reasons: readonly string[];
}

/** A person's answer. */
export interface ApprovalAnswer {
  readonly by: Approver;
  readonly decision: ApprovalDecision;
  readonly actionHash: string;
  /** Of a `modify`: the hash of what it puts in the action's place. */
  readonly newHash: string | undefined;
  readonly reason: string | undefined;
  /** Of a `modify`: the arguments as edited; about an effect: its result. */
  readonly action: Json | undefined;
  readonly at: Instant;
}

/** Somebody who agreed: their surrogate, their name (`(erased)` where its key is gone), and the roles they had. */
export interface Approver {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export const NOBODY: readonly Approver[] = [];

/** What a question may be; closed in five ways. */
export const APPROVAL_STATUSES = ['open', 'approved', 'rejected', 'denied', 'expired', 'withdrawn'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** A question to people, as the events of its run tell it; updated in place by the run's fold. */
export interface ApprovalState {
  readonly approvalId: string;
  readonly tenant: string;
  readonly runId: string;
  readonly threadId: string;
  readonly workflow: string;
  readonly about: ApprovalSubject;
  /** Number and key of the step that waits; of a run's start there is none. */
  readonly step: number | undefined;
  readonly stepKey: string | undefined;
  /** Of the tool, the workflow, or the question. */
  readonly name: string;
  readonly requestedAt: Instant;
  ask: Ask;
  status: ApprovalStatus;
  closedAt: Instant | undefined;
  readonly answers: ApprovalAnswer[];
}

/** The arguments that are shown. */
export function shownArguments({ shown }: Ask): Json {
  return isObject(shown) ? (shown['arguments'] ?? null) : null;
}

/** The hash that an answer stands for. */
const answered = ({ newHash, actionHash }: ApprovalAnswer): string => newHash ?? actionHash;

/** Who has answered the question as it is now. */
export function deciders({ answers, ask }: ApprovalState): Approver[] {
  return answers.filter((answer) => answered(answer) === ask.actionHash).map(({ by }) => by);
}

/** Who agreed to what has this hash, each once. */
export function approversOf({ answers }: ApprovalState, actionHash: string): Approver[] {
  const agreed = answers.filter(
    (answer) =>
      (answer.decision === 'approve' || answer.decision === 'modify') && answered(answer) === actionHash,
  );
  return [...new Map(agreed.map(({ by }) => [by.id, by])).values()];
}

/** Whether enough different people with the right roles agreed. */
export function satisfied(
  approvers: readonly Approver[],
  { quorum, roles }: Pick<Ask, 'quorum' | 'roles'>,
): boolean {
  const entitled = approvers.filter((approver) => approver.roles.some((role) => roles.includes(role)));
  return new Set(entitled.map(({ id }) => id)).size >= quorum;
}

/** What of a step its arguments are. */
interface Executed {
  actionHash: string;
  args: Json;
  changed: boolean;
}

/** From now on the step is to be executed with other arguments than its coroutine proposed. */
export function change(step: Executed, actionHash: string, args: Json): void {
  step.args = args;
  step.actionHash = actionHash;
  step.changed = true;
}
