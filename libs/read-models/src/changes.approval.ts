import { type AnyEvent, type EventOf } from '@summit/events';
import { type Change, lineOf, type Occurrence } from './occurrence.ts';
import { type RowOf } from './tables.ts';

/** What an event changes in the rows of questions to people and of their answers. Pure. */
export function approvalChanges(at: Occurrence, event: AnyEvent): Change[] {
  const settled_at = at.commit.at;
  switch (event.type) {
    case 'ApprovalRequested':
      return requested({ ...at, event });
    case 'ApprovalAmended': {
      const { actionHash: action_hash, quorum, expiresAt: expires_at } = event;
      const shown = { action_hash, quorum, expires_at, shown_in: at.id, terms_in: at.id };
      return [approvalOf(at, event, shown), lineOf(at)];
    }
    case 'ApprovalEscalated':
      return [approvalOf(at, event, { expires_at: event.expiresAt, terms_in: at.id }), lineOf(at)];
    case 'ApprovalDecided':
      return decided({ ...at, event });
    case 'ApprovalExpired':
      return [approvalOf(at, event, { status: 'expired', settled_at })];
    case 'ApprovalWithdrawn':
      return [approvalOf(at, event, { status: 'withdrawn', settled_at })];
    default:
      return [];
  }
}

function requested(at: Occurrence<EventOf<'ApprovalRequested'>>): Change[] {
  const { commit, id, event } = at;
  const { step, about, actionHash, quorum, expiresAt } = event;
  const terms = { action_hash: actionHash, quorum, expires_at: expiresAt };
  const asked = { run_id: commit.entity.id, step, about, status: 'open' };
  const row = approvalOf(at, event, {
    ...asked,
    ...terms,
    requested_at: commit.at,
    ...{ requested_in: id, shown_in: id, terms_in: id },
  });
  return [row, lineOf(at)];
}

function decided(at: Occurrence<EventOf<'ApprovalDecided'>>): Change[] {
  const { commit, id, n, event, causedBy } = at;
  const { approval, decision, outcome, actionHash } = event;
  const key = { tenant: commit.tenant, commit_id: id, n };
  const what = {
    approval,
    decision,
    outcome,
    action_hash: actionHash,
    actor: commit.actor.id,
    at: commit.at,
  };
  const answer: Change = { table: 'answers', row: { ...key, ...what, caused_by: causedBy } };
  const settled = outcome === undefined ? {} : { status: outcome, settled_at: commit.at };
  return [answer, approvalOf(at, event, settled), lineOf(at)];
}

function approvalOf(
  { commit, causedBy }: Occurrence,
  { approval }: { readonly approval: string },
  more: Partial<RowOf<'approvals'>>,
): Change {
  return { table: 'approvals', row: { tenant: commit.tenant, approval, ...more, caused_by: causedBy } };
}
