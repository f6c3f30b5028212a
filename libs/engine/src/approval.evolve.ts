import { type ApprovalEvent, type Commit, type EventOf } from '@summit/events';
import { assertNever, TerminalError } from '@summit/kernel';
import {
  type ApprovalState,
  type ApprovalStatus,
  approversOf,
  type Approver,
  type Ask,
  change,
  shownArguments,
} from './approval.state.ts';
import { ERASED } from './run.created.ts';
import { type RunState, type StepState } from './run.state.ts';

/** What of its commit the fold needs. */
type CommitHead = Pick<Commit, 'at' | 'actor'>;

/** Folds what happens to a question into its run: erased data included, total over valid histories. // I6 */
export function applyApproval(run: RunState, head: CommitHead, event: ApprovalEvent): RunState {
  switch (event.type) {
    case 'ApprovalRequested':
      return requested(run, head, event);
    case 'ApprovalDecided':
      return decided(run, head, event);
    case 'ApprovalAmended':
      return asked(run, event, askOf(event));
    case 'ApprovalEscalated': {
      const { ask } = open(run, event.approval);
      const { expiresAt, data } = event;
      return asked(run, event, { ...ask, expiresAt, roles: data?.roles ?? [], escalate: undefined });
    }
    case 'ApprovalExpired':
      return closed(run, head, event, 'expired');
    case 'ApprovalWithdrawn':
      return closed(run, head, event, 'withdrawn');
    default:
      return assertNever(event);
  }
}

function open(run: RunState, id: string): ApprovalState {
  const approval = run.approvals.get(id);
  if (approval) return approval;
  throw new TerminalError(
    'JOURNAL_BROKEN',
    `run ${run.runId} has no open approval ${id}`,
    'Run summit verify --journal.',
  );
}

function askOf({
  actionHash,
  quorum,
  expiresAt,
  data,
}: EventOf<'ApprovalRequested'> | EventOf<'ApprovalAmended'>): Ask {
  const { shown = null, roles = [], reasons = [], escalate, separation = true } = data ?? {};
  return { actionHash, quorum, expiresAt, shown, roles, reasons, escalate, separation };
}

function requested(run: RunState, head: CommitHead, event: EventOf<'ApprovalRequested'>): RunState {
  const { approval: approvalId, step: n, about, data } = event;
  const { tenant, runId, threadId, workflow } = run;
  const step = n === undefined ? undefined : run.byNumber[n];
  run.approvals.set(approvalId, {
    approvalId,
    tenant,
    runId,
    threadId,
    workflow,
    about,
    step: n,
    stepKey: step?.stepKey,
    name: data?.name ?? ERASED,
    requestedAt: head.at,
    ask: askOf(event),
    status: 'open',
    closedAt: undefined,
    answers: [],
  });
  if (step) wait(step, approvalId);
  return run;
}

function wait(step: StepState, approval: string): void {
  step.approval = approval;
  step.dueAt = undefined;
  if (step.phase !== 'unknown') step.phase = 'asked';
}

function asked(run: RunState, { approval }: ApprovalEvent, ask: Ask): RunState {
  open(run, approval).ask = ask;
  return run;
}

function decided(run: RunState, head: CommitHead, event: EventOf<'ApprovalDecided'>): RunState {
  const { decision, actionHash, newHash, data, outcome } = event;
  const approval = open(run, event.approval);
  const { id, name = ERASED } = head.actor;
  const by: Approver = { id, name, roles: data?.roles ?? [] };
  const { reason, action } = data ?? {};
  approval.answers.push({ by, decision, actionHash, newHash, reason, action, at: head.at });
  if (outcome === undefined) return run;
  if (outcome === 'approved') approved(run, approval, event);
  return closed(run, head, event, outcome);
}

/** The step goes on with what was agreed to, at once or as soon as a permit can be given. */
function approved(run: RunState, approval: ApprovalState, event: EventOf<'ApprovalDecided'>): void {
  const step = event.step === undefined ? undefined : run.byNumber[event.step];
  if (!step || approval.about !== 'action') return;
  const { ask } = approval;
  if (event.newHash !== undefined) change(step, event.newHash, event.data?.action ?? null);
  else if (ask.actionHash !== step.actionHash) change(step, ask.actionHash, shownArguments(ask));
  step.approved = approversOf(approval, step.actionHash);
  step.phase = 'held';
}

function closed(run: RunState, head: CommitHead, event: ApprovalEvent, status: ApprovalStatus): RunState {
  const approval = open(run, event.approval);
  approval.status = status;
  approval.closedAt = head.at;
  run.approvals.delete(event.approval);
  const step = event.step === undefined ? undefined : run.byNumber[event.step];
  if (step?.approval === event.approval) step.approval = undefined;
  return run;
}
