import { type ApprovalAnswer, type ApprovalState, type RunState } from '@summit/engine';
import { type Json } from '@summit/kernel';

/** An answer as people see it. */
type AnswerView = {
  readonly by: string;
  readonly decision: string;
  /** What they were shown. */
  readonly actionHash: string;
  readonly newHash?: string;
  readonly action?: Json;
  readonly reason?: string;
  readonly at: number;
};

/** A question to people as they see it: exactly what was hashed, and under which terms it is answered. // C3.2 */
export type ApprovalView = {
  readonly approvalId: string;
  readonly status: string;
  readonly about: string;
  readonly name: string;
  readonly runId: string;
  readonly threadId: string;
  readonly workflow: string;
  readonly stepKey?: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of `shown`; an answer names it. */
  readonly actionHash: string;
  readonly shown: Json;
  /** Who asked for it: they do not answer, where `separation` says so. */
  readonly requesters: readonly string[];
  readonly separation: boolean;
  readonly roles: readonly string[];
  readonly quorum: number;
  readonly reasons: readonly string[];
  readonly requestedAt: number;
  readonly expiresAt?: number;
  readonly closedAt?: number;
  readonly answers: readonly AnswerView[];
};

/** `run`: where it is still live; of one that has ended nobody asks any more. */
export function viewOfApproval(approval: ApprovalState, run: RunState | undefined): ApprovalView {
  const { approvalId, status, about, name, runId, threadId, workflow, stepKey, ask, closedAt } = approval;
  const { actionHash, shown, separation, roles, quorum, reasons, expiresAt } = ask;
  return {
    approvalId,
    status,
    about,
    name,
    runId,
    threadId,
    workflow,
    ...(stepKey !== undefined && { stepKey }),
    actionHash,
    shown,
    requesters: [...(run?.requesters ?? [])],
    separation,
    roles,
    quorum,
    reasons,
    requestedAt: approval.requestedAt,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(closedAt !== undefined && { closedAt }),
    answers: approval.answers.map(answerView),
  };
}

function answerView({ by, decision, actionHash, newHash, action, reason, at }: ApprovalAnswer): AnswerView {
  return {
    by: by.name,
    decision,
    actionHash,
    ...(newHash !== undefined && { newHash }),
    ...(action !== undefined && { action }),
    ...(reason !== undefined && { reason }),
    at,
  };
}
