import { type ApprovalOutcome, type RunEvent } from '@summit/events';
import { assertNever, type ErrorRecord, errorRecord, type Json } from '@summit/kernel';
import { type ApprovalTerms, type PolicyAnswer } from '@summit/policy';
import { approvalAmended, type Subject, termsOf } from './approval.ask.ts';
import { type DecideApproval, type Edited, operations } from './approval.edit.ts';
import { type ApprovalState, approversOf, type Approver, satisfied } from './approval.state.ts';
import { applyDecidedPatch } from './patch-budget.ts';
import { type Asker } from './plan.ts';
import { grant } from './run.leader.ts';
import { refusal, type RunScope } from './run.proposal.ts';
import { type RunState, type StepState } from './run.state.ts';
import { stateHash } from './state-hash.ts';

/** An answer that policy lets this person give. */
export interface Answering {
  readonly run: RunState;
  readonly approval: ApprovalState;
  readonly command: DecideApproval;
  readonly asker: Asker;
  readonly scope: RunScope & { readonly reachable: boolean };
  readonly edit: Edited | undefined;
  /** What policy says of the action that would follow. */
  readonly about: PolicyAnswer | undefined;
}

/** The commit's decisions: the one that lets the person answer, the one about the action. */
const ANSWER = 0;
const ACTION = 1;

/** What an answer brings: it is on record, and where it settles the question, what follows from it. // C3.2 */
export function answeredEvents(answering: Answering): RunEvent[] {
  const { command, edit } = answering;
  switch (command.decision) {
    case 'abstain':
      return [decided(answering)];
    case 'reject':
      return [decided(answering, 'rejected'), ...rejected(answering)];
    case 'approve':
    case 'modify':
      return edit ? agreed(answering, edit) : [];
    default:
      return assertNever(command.decision);
  }
}

function decided({ approval, command, asker, edit }: Answering, outcome?: ApprovalOutcome): RunEvent {
  const { approvalId, step, about } = approval;
  const { decision, actionHash, action, reason } = command;
  const isNew = decision === 'modify' && about !== 'effect' && edit;
  return {
    type: 'ApprovalDecided',
    v: 1,
    basis: ANSWER,
    approval: approvalId,
    ...(step !== undefined && { step }),
    decision,
    actionHash,
    ...(isNew && { newHash: edit.subject.hash }),
    ...(outcome && { outcome }),
    data: {
      roles: [...asker.roles],
      ...(reason !== undefined && { reason }),
      ...(action !== undefined && { action }),
    },
  };
}

function rejected({ approval, command, run, asker }: Answering): RunEvent[] {
  const { step: n, about, name } = approval;
  const step = n === undefined ? undefined : run.byNumber[n];
  const error = rejection(approval, asker, command.reason);
  if (!step) return [{ type: 'RunFailed', v: 1, basis: ANSWER, data: { error } }];
  const base = { v: 1, basis: ANSWER, step: step.n } as const;
  if (about === 'question') {
    return [{ type: 'StepCompleted', ...base, attempt: 0, data: { output: said(command, asker) } }];
  }
  if (about === 'action') return [{ type: 'StepDenied', ...base, data: { error } }];
  const message = `nobody could tell whether ${name} happened, and ${error.message}`;
  const data = { error: { ...error, code: 'EFFECT_UNKNOWN', message } };
  return [{ type: 'StepFailed', ...base, attempt: step.attempt, data }];
}

function rejection({ name }: ApprovalState, { actor }: Asker, reason: string | undefined): ErrorRecord {
  return {
    code: 'APPROVAL_REJECTED',
    message: `${actor.name ?? actor.id} rejected ${name}${reason === undefined ? '' : `: ${reason}`}`,
    next: 'Do something else, or propose what the reason asks for.',
    retryable: false,
  };
}

/** What `ctx.approve` gives. */
function said({ decision, reason, action }: DecideApproval, { actor }: Asker): Json {
  return {
    decision,
    by: actor.name ?? actor.id,
    ...(reason !== undefined && { reason }),
    ...(action !== undefined && { action }),
  };
}

/** Who agrees to what another person modified has it modified. */
function editedBefore({ answers, ask }: ApprovalState, command: DecideApproval): DecideApproval {
  const edit = answers.findLast(
    ({ decision, newHash }) => decision === 'modify' && newHash === ask.actionHash,
  );
  if (!edit || command.decision !== 'approve') return command;
  return { ...command, decision: 'modify', action: edit.action };
}

/** Somebody agreed; where they are enough, the action follows by the policy of this moment. */
function agreed(answering: Answering, edit: Edited): RunEvent[] {
  const { approval, asker, about } = answering;
  const { actor, roles } = asker;
  const me: Approver = { id: actor.id, name: actor.name ?? actor.id, roles };
  const all = [...approversOf(approval, edit.subject.hash), me];
  const terms = edit.request ? termsOf(about) : approval.ask;
  if (terms && !satisfied(all, terms)) return waiting(answering, edit, edit.request && termsOf(about));
  const error = terms ? undefined : refusal(about, `${approval.name}, which people agreed to,`);
  return error ? denied(answering, error) : [decided(answering, 'approved'), ...follows(answering, edit)];
}

/** More people have to agree; to what is open now. */
function waiting(answering: Answering, edit: Edited, terms: ApprovalTerms | undefined): RunEvent[] {
  const { approval, asker, about } = answering;
  const { ask } = approval;
  const { subject } = edit;
  const same = subject.hash === ask.actionHash && (!terms || sameTerms(terms, ask));
  if (same || !terms) return [decided(answering)];
  const why = { basis: ACTION, reasons: about?.reasons ?? [], now: asker.now };
  return [decided(answering), approvalAmended(approval, subject, terms, why)];
}

const sameTerms = (terms: ApprovalTerms, { quorum, roles }: ApprovalState['ask']): boolean =>
  terms.quorum === quorum && terms.roles.join('\n') === roles.join('\n');

/** People agreed, and the policy of this moment does not. */
function denied(answering: Answering, error: ErrorRecord): RunEvent[] {
  const { step } = answering.approval;
  const data = { error };
  const end: RunEvent =
    step === undefined
      ? { type: 'RunFailed', v: 1, basis: ACTION, data }
      : { type: 'StepDenied', v: 1, basis: ACTION, step, data };
  return [decided(answering, 'denied'), end];
}

function follows(answering: Answering, { subject }: Edited): RunEvent[] {
  const { approval, command, asker, run } = answering;
  const step = approval.step === undefined ? undefined : run.byNumber[approval.step];
  if (!step) return []; // the run begins
  const base = { v: 1, step: step.n } as const;
  switch (approval.about) {
    case 'start':
      return [];
    case 'question': {
      const data = { output: said(editedBefore(approval, command), asker) };
      return [{ type: 'StepCompleted', ...base, basis: ACTION, attempt: 0, data }];
    }
    case 'effect': {
      const attempt = { ...base, basis: ANSWER, attempt: step.attempt } as const;
      if (command.action === undefined) return [{ type: 'EffectNeverHappened', ...attempt }];
      return [{ type: 'StepCompleted', ...attempt, data: { output: command.action } }];
    }
    case 'action':
      if (step.kind === 'patch') return [patched(answering, step, subject)];
      return permitted(answering, step, subject);
    default:
      return assertNever(approval.about);
  }
}

/** At once where its executor is within reach and nothing holds it back; else as soon as that is so. */
function permitted({ run, scope }: Answering, step: StepState, { args, hash }: Subject): RunEvent[] {
  if (run.paused || run.cancelRequested || !scope.reachable) return [];
  const changed = step.changed || hash !== step.actionHash;
  return [grant({ ...step, args, actionHash: hash, changed }, ACTION, scope)];
}

function patched(
  { scope }: Answering,
  step: StepState,
  { args: patch, hash: actionHash }: Subject,
): RunEvent {
  const { state, stateVersion } = scope.thread;
  const base = { v: 1, basis: ACTION, step: step.n } as const;
  try {
    const hash = stateHash(applyDecidedPatch(state, operations(patch)));
    const copies = operations(patch).map((operation) => ({ ...operation }));
    const data = { stepKey: step.stepKey, patch: copies, hash };
    return { type: 'StatePatched', ...base, stateVersion: stateVersion + 1, actionHash, data };
  } catch (error) {
    return { type: 'StepDenied', ...base, basis: 'denial', data: { error: errorRecord(error) } };
  }
}
