import { type AnyEvent, type EventOf } from '@summit/events';
import { actorOf } from './agents.ts';
import { type RunDraft } from './run-draft.ts';

/** What people were asked, and what they answered. */
export function mapApprovalEvent(run: RunDraft, event: AnyEvent): void {
  switch (event.type) {
    case 'ApprovalRequested':
      approvalRequested(run, event);
      return;
    case 'ApprovalDecided':
      approvalDecided(run, event);
      return;
    case 'ApprovalAmended':
      approvalAmended(run, event);
      return;
    case 'ApprovalExpired':
      run.draft.change(run.ids.approval(event.approval), { status: 'expired' });
      return;
    case 'ApprovalWithdrawn':
      run.draft.change(run.ids.approval(event.approval), { status: 'withdrawn' });
      return;
    default:
      return; // others are asked the same
  }
}

/** The question: made by the run, about what was proposed, because policy said so. */
function approvalRequested(run: RunDraft, event: EventOf<'ApprovalRequested'>): void {
  const { draft, ids, runId } = run;
  const { approval, about, actionHash, quorum, step, basis, data } = event;
  const facts = { name: data?.name ?? about, about, actionHash, quorum, status: 'open', run: run.id };
  const id = draft.payload('Approval', ids.approval(approval), data?.shown, facts);
  const proposed = step !== undefined && run.waits(step) ? ids.proposal(runId, step) : undefined;
  const making = run.decided(basis, { activity: run.id, entity: proposed });
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  if (making !== undefined && typeof basis === 'number') {
    draft.edge(id, 'WAS_DERIVED_FROM', ids.decision(draft.commitId, basis));
  }
  if (proposed !== undefined) draft.edge(id, 'WAS_DERIVED_FROM', proposed);
}

/** A person's answer: an activity of theirs on the question. */
function approvalDecided(run: RunDraft, event: EventOf<'ApprovalDecided'>): void {
  const { draft, ids } = run;
  const { approval, decision, outcome, actionHash, newHash, basis } = event;
  const hashes = { actionHash, ...(newHash !== undefined && { newHash }) };
  const facts = { name: decision, ...hashes, run: run.id, ...(outcome && { outcome }) };
  const id = draft.node('Approving', ids.ofEvent(draft.event), { facts });
  draft.edge(id, 'WAS_ASSOCIATED_WITH', actorOf(draft), { facts: { role: 'approver' } });
  draft.edge(id, 'USED', ids.approval(approval));
  run.decided(basis, { activity: id });
  if (outcome) draft.change(ids.approval(approval), { status: outcome });
}

/** The question goes on about something else: a revision of it. */
function approvalAmended(run: RunDraft, event: EventOf<'ApprovalAmended'>): void {
  const { draft, ids } = run;
  const { approval, actionHash, quorum, data } = event;
  const facts = { name: 'amended', actionHash, quorum, run: run.id };
  const id = draft.payload('Approval', ids.ofEvent(draft.event), data?.shown, facts);
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  draft.edge(id, 'WAS_DERIVED_FROM', ids.approval(approval), { facts: { type: 'Revision' } });
}
