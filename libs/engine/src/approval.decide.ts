import { ConflictError, InvalidInputError } from '@summit/kernel';
import { type PolicyAnswer } from '@summit/policy';
import { type Answering, answeredEvents } from './approval.answer.ts';
import { type DecideApproval, type Edited, edited } from './approval.edit.ts';
import { type ApprovalState, deciders } from './approval.state.ts';
import { type Asker, type Draft, type Plan, recorded } from './plan.ts';
import { runRequest } from './run.input.ts';
import { CommandRefused } from './run.commands.ts';
import { refusal, type RunScope } from './run.proposal.ts';
import { type RunState } from './run.state.ts';

/**
 * Plans an answer: policy is asked whether this person may answer now, and, where they agree, once more about the
 * very action that would follow. Throws `APPROVAL_CLOSED`, `APPROVAL_EXPIRED`, `APPROVAL_STALE` where the question
 * is not what they were shown, `APPROVAL_ACTION_INVALID` where what they put in its place can not be executed.
 * // C3.2 I3
 */
export function planDecide(
  run: RunState,
  approval: ApprovalState,
  command: DecideApproval,
  asker: Asker,
  scope: RunScope & { readonly reachable: boolean },
): Plan {
  checkOpen(approval, command, asker.now);
  const edit = edited(run, approval, command, scope, asker.now);
  const first = runRequest(run, asker, {
    kind: 'approval.decide',
    name: approval.name,
    about: approval.about,
    approval: approval.approvalId,
    decision: command.decision,
    actionHash: command.actionHash,
    openHash: approval.ask.actionHash,
    open: approval.status === 'open',
    ...(approval.ask.expiresAt !== undefined && { expiresAt: approval.ask.expiresAt }),
    separation: approval.ask.separation,
    requesters: [...run.requesters],
    deciders: deciders(approval).map(({ name }) => name),
    roles: [...approval.ask.roles],
  });
  const second = edit?.request;
  return {
    requests: second ? [first, second] : [first],
    conclude([may, about]): Draft {
      const decisions = may ? [recorded(first, may)] : [];
      const error = refusal(may, `${asker.actor.name ?? 'this person'} to answer`);
      if (error) throw new CommandRefused(error, { decisions });
      if (second && about) decisions.push(recorded(second, about));
      if (command.decision === 'modify' && edit) checkModified(edit, about, decisions);
      const answering: Answering = { run, approval, command, asker, scope, edit, about };
      return { decisions, events: answeredEvents(answering) };
    },
  };
}

function checkOpen({ status, ask, approvalId }: ApprovalState, command: DecideApproval, now: number): void {
  const { actionHash, decision, action } = command;
  const conflict = (code: string, message: string, next: string): ConflictError =>
    new ConflictError(code, `${approvalId} ${message}`, next);
  if (status !== 'open') {
    throw conflict('APPROVAL_CLOSED', `is ${status}`, 'Nothing is left to answer; look at the run.');
  }
  if (ask.expiresAt !== undefined && ask.expiresAt <= now) {
    throw conflict('APPROVAL_EXPIRED', 'has expired', 'The run goes on without it; look at the run.');
  }
  if (actionHash !== ask.actionHash) {
    throw conflict('APPROVAL_STALE', 'is about another action by now', 'Look at it again, then answer that.');
  }
  if ((decision === 'modify') === (action !== undefined)) return;
  throw new InvalidInputError(
    'APPROVAL_ACTION_INVALID',
    decision === 'modify'
      ? 'modify says nothing of what is to be done instead'
      : `${decision} takes no action`,
    'Send action with modify, and with modify alone.',
  );
}

/** What a person puts in the action's place is refused where policy would not have it; the question stays open. */
function checkModified(edit: Edited, about: PolicyAnswer | undefined, decisions: Draft['decisions']): void {
  if (!edit.request || about?.verdict === 'require_approval') return;
  const error = refusal(about, 'the action as it was modified');
  if (error) throw new CommandRefused(error, { decisions: decisions.slice(1) });
}
