import { type RunState } from '@summit/engine';
import { type ApprovalEvent, type EventOf } from '@summit/events';
import { type StreamBody } from './stream-event.ts';

type Approval = NonNullable<ReturnType<RunState['approvals']['get']>>;

/** What a stream says of a question to people: the question as it now is, each answer, how it ended. */
export function approvalBodies(run: RunState, event: ApprovalEvent, by: string): StreamBody[] {
  switch (event.type) {
    case 'ApprovalRequested':
    case 'ApprovalAmended':
    case 'ApprovalEscalated': {
      const approval = run.approvals.get(event.approval);
      return approval ? [requested(approval)] : [];
    }
    case 'ApprovalDecided':
      return [decided(run, event, by)];
    case 'ApprovalExpired':
      return [{ type: 'approval_decided', ...named(run, event), outcome: 'expired' }];
    case 'ApprovalWithdrawn':
      return [{ type: 'approval_decided', ...named(run, event), outcome: 'withdrawn' }];
  }
}

function requested({ approvalId, about, stepKey, name, ask }: Approval): StreamBody {
  const { actionHash, shown, quorum, roles, reasons, expiresAt } = ask;
  return {
    type: 'approval_requested',
    approvalId,
    ...(stepKey !== undefined && { stepId: stepKey }),
    about,
    name,
    actionHash,
    shown,
    quorum,
    roles,
    reasons,
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function decided(run: RunState, event: EventOf<'ApprovalDecided'>, by: string): StreamBody {
  const { decision, actionHash, newHash, outcome, data } = event;
  return {
    type: 'approval_decided',
    ...named(run, event),
    decision,
    by,
    actionHash,
    ...(newHash !== undefined && { newHash }),
    ...(data?.reason !== undefined && { reason: data.reason }),
    ...(data?.action !== undefined && { action: data.action }),
    ...(outcome !== undefined && { outcome }),
  };
}

function named(
  run: RunState,
  { approval, step }: ApprovalEvent,
): { readonly approvalId: string; readonly stepId?: string } {
  const stepKey = step === undefined ? undefined : run.byNumber[step]?.stepKey;
  return { approvalId: approval, ...(stepKey !== undefined && { stepId: stepKey }) };
}
