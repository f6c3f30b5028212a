import { type ApprovalSubject, type Basis, type RunEvent } from '@summit/events';
import { type ErrorRecord, type Instant, type Json, makeId, parseId, sha256 } from '@summit/kernel';
import { type ApprovalTerms, approvalTermsSchema, type PolicyAnswer } from '@summit/policy';
import { type ApprovalState } from './approval.state.ts';
import { type RunState, type StepState } from './run.state.ts';

/** What people are asked about: exactly what is hashed, and what it is to them. */
export interface Subject {
  readonly about: ApprovalSubject;
  /** Number of the step that waits; of a run's start there is none. */
  readonly step?: number;
  readonly attempt?: number;
  /** Of the tool, the workflow, or the question. */
  readonly name: string;
  readonly hash: string;
  readonly stepKey: string;
  /** Digest of the tool's definition, or what stands for it. */
  readonly tool: string;
  readonly args: Json;
}

/** Who answers when nobody can tell whether an effect happened: no policy can deny that it is asked, and it waits. */
export const EFFECT_TERMS: Terms = { quorum: 1, roles: ['operator', 'reviewer'] };

type Terms = Pick<ApprovalTerms, 'quorum' | 'roles'> & Partial<ApprovalTerms>;

/** The terms of a verdict that asks people; undefined where it does not, or where they are not one plain set. */
export function termsOf(answer: PolicyAnswer | undefined): ApprovalTerms | undefined {
  if (answer?.verdict !== 'require_approval' || answer.obligations.length !== 1) return undefined;
  return approvalTermsSchema.safeParse(answer.obligations[0]?.params).data;
}

/** An id that routes to the run's partition; the same question of the same commit has the same one. */
function approvalId(
  { runId, version }: Pick<RunState, 'runId' | 'version'>,
  step: string,
  now: Instant,
): string {
  const partition = parseId(runId)?.partition ?? 0;
  return makeId('apr', partition, now, sha256(`${runId}\n${String(version)}\n${step}`).slice(0, 16));
}

/** People are asked. `basis`: the decision that asks, or the fact that nobody can tell. // C3.1 */
export function approvalRequested(
  run: Pick<RunState, 'runId' | 'version'>,
  subject: Subject,
  terms: Terms,
  why: { readonly basis: Basis; readonly reasons: readonly string[]; readonly now: Instant },
): RunEvent {
  const { about, step, attempt, name, hash } = subject;
  return {
    type: 'ApprovalRequested',
    v: 1,
    basis: why.basis,
    approval: approvalId(run, step === undefined ? 'start' : String(step), why.now),
    ...(step !== undefined && { step }),
    ...(attempt !== undefined && { attempt }),
    about,
    ...askMembers(hash, terms, why.now),
    data: { name, ...askData(run.runId, subject, terms, why.reasons) },
  };
}

/** The question goes on about another action, or under other terms. */
export function approvalAmended(
  { approvalId: approval, runId, step }: ApprovalState,
  subject: Subject,
  terms: Terms,
  why: { readonly basis: Basis; readonly reasons: readonly string[]; readonly now: Instant },
): RunEvent {
  return {
    type: 'ApprovalAmended',
    v: 1,
    basis: why.basis,
    approval,
    ...(step !== undefined && { step }),
    ...askMembers(subject.hash, terms, why.now),
    data: askData(runId, subject, terms, why.reasons),
  };
}

const askMembers = (actionHash: string, { quorum, ttl_s: ttl }: Terms, now: Instant) => ({
  actionHash,
  quorum,
  ...(ttl !== undefined && { expiresAt: now + ttl * 1000 }),
});

function askData(run: string, { args, stepKey, tool }: Subject, terms: Terms, reasons: readonly string[]) {
  const { roles, escalate, separation = true } = terms;
  return {
    roles: [...roles],
    shown: { arguments: args, run, stepKey, tool },
    reasons: [...reasons],
    ...(escalate && { escalate }),
    separation,
  };
}

/**
 * Nobody can tell whether the attempt had its effect: recorded, and people are asked, unless the run is about to end.
 * Only what they say, or the executor's own late word, gives another permit. // C1.3 I4
 */
export function unknownEvents(run: RunState, step: StepState, reason: string, now: Instant): RunEvent[] {
  const { n, attempt, name, actionHash: hash, stepKey, tool = step.kind, args } = step;
  const unknown: RunEvent = {
    type: 'EffectUnknown',
    v: 1,
    basis: 'unknown',
    step: n,
    attempt,
    data: { reason },
  };
  if (run.cancelRequested) return [unknown];
  const subject: Subject = { about: 'effect', step: n, attempt, name, hash, stepKey, tool, args };
  return [
    unknown,
    approvalRequested(run, subject, EFFECT_TERMS, { basis: 'unknown', reasons: [reason], now }),
  ];
}

/** What nobody needs to answer any more. */
export function withdrawn(
  { approvalId: approval, step }: Pick<ApprovalState, 'approvalId' | 'step'>,
  basis: Basis,
): RunEvent {
  return { type: 'ApprovalWithdrawn', v: 1, basis, approval, ...(step !== undefined && { step }) };
}

/** Nobody answered in time: others are asked where the terms name them, else what waited is not done. */
export function overdueEvents(approval: ApprovalState, now: Instant): RunEvent[] {
  const { approvalId: id, step, about, name, ask } = approval;
  const of = { v: 1, basis: 'expiry', approval: id, ...(step !== undefined && { step }) } as const;
  if (ask.escalate) {
    const { roles, ttl_s: ttl } = ask.escalate;
    const data = { roles: [...roles] };
    return [{ type: 'ApprovalEscalated', ...of, expiresAt: now + ttl * 1000, data }];
  }
  const expired: RunEvent = { type: 'ApprovalExpired', ...of };
  const data = { error: expiredError(name) };
  const base = { v: 1, basis: 'expiry', data } as const;
  if (step === undefined) return [expired, { type: 'RunFailed', ...base }];
  if (about === 'question') return [expired, { type: 'StepFailed', ...base, step, attempt: 0 }];
  return [expired, { type: 'StepDenied', ...base, step }];
}

const expiredError = (name: string): ErrorRecord => ({
  code: 'APPROVAL_EXPIRED',
  message: `nobody approved ${name} in time`,
  next: 'Propose it again, and have somebody with the role answer before it expires.',
  retryable: false,
});
