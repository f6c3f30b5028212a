import { type ApprovalState } from '@summit/engine';
import { answerOf, approvalNotFound } from './answers.ts';
import { type Answer, type ApprovalQuery, type ApprovalsQuery } from './command.ts';
import { type Ledger } from './ledger.ts';
import { viewOfApproval } from './approval-view.ts';

/** Questions to people as a tenant sees its own: open ones, and those that were closed lately. // I8 */
export function approvalsAnswer({ state }: Ledger, query: ApprovalQuery | ApprovalsQuery): Answer {
  const own = (approval: ApprovalState | undefined): boolean => approval?.tenant === query.tenant;
  if ('approvalId' in query) {
    const approval = state.approvals.get(query.approvalId);
    if (!approval || !own(approval)) return answerOf(approvalNotFound(query.approvalId));
    return { ok: true, value: { ...viewOfApproval(approval, state.runs.get(approval.runId)) } };
  }
  const { status } = query;
  const found = [...state.approvals.values()].filter(
    (approval) => own(approval) && (status === undefined || approval.status === status),
  );
  return {
    ok: true,
    value: found.map((approval) => ({ ...viewOfApproval(approval, state.runs.get(approval.runId)) })),
  };
}
