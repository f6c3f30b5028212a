import { type ApprovalDecision } from '@summit/events';
import { assertNever, canonicalJson, errorRecord, InvalidInputError, type Json } from '@summit/kernel';
import { type PolicyRequest, viewOf } from '@summit/policy';
import { actionHash } from './action-hash.ts';
import { type Subject } from './approval.ask.ts';
import { type ApprovalState, shownArguments } from './approval.state.ts';
import { type PatchOperation } from './frame.ts';
import { applyDecidedPatch } from './patch-budget.ts';
import { type Asker } from './plan.ts';
import { runRequest } from './run.input.ts';
import { actionSubject, permitRequest } from './run.leader.ts';
import { type RunScope } from './run.proposal.ts';
import { questionAction, withData } from './run.question.ts';
import { type RunState, type StepState } from './run.state.ts';

/** A person's answer to a question, as it reaches the leader. */
export interface DecideApproval {
  readonly decision: ApprovalDecision;
  /** Of what they were shown. */
  readonly actionHash: string;
  /** With `modify` alone: the arguments instead of those shown; about an effect: its result. */
  readonly action?: Json | undefined;
  readonly reason?: string | undefined;
}

/** What would follow if people agreed: the action as shown, or as a person put it. */
export interface Edited {
  readonly subject: Subject;
  /** The question to policy about it; none of a run's start and of an effect's result, which nothing follows. */
  readonly request?: PolicyRequest;
}

type Scope = RunScope & { readonly reachable: boolean };

/** Undefined where the answer agrees to nothing. Throws `APPROVAL_ACTION_INVALID`. */
export function edited(
  run: RunState,
  approval: ApprovalState,
  command: DecideApproval,
  scope: Scope,
  now: number,
): Edited | undefined {
  if (command.decision === 'reject' || command.decision === 'abstain') return undefined;
  const { about, step: n } = approval;
  const step = n === undefined ? undefined : run.byNumber[n];
  const asker: Asker = { actor: { kind: 'executor', id: scope.executor }, roles: [], now };
  switch (about) {
    case 'start':
      return startAgreed(approval, command);
    case 'effect':
      return step && effectResolved(step, command, scope);
    case 'question':
      return step && question(run, approval, { step, command, asker });
    case 'action':
      return step && action(run, approval, { step, command, asker, scope });
    default:
      return assertNever(about);
  }
}

function startAgreed({ ask, name }: ApprovalState, { action }: DecideApproval): Edited {
  if (action !== undefined) throw unfit('a run starts with what it was given; reject it and start another');
  return { subject: { about: 'start', name, hash: ask.actionHash, stepKey: '', tool: '', args: null } };
}

/** `modify` says what the effect brought, in the tool's own form. */
function effectResolved(step: StepState, { action: output }: DecideApproval, { tools }: Scope): Edited {
  const flaw =
    output === undefined || step.tool === undefined ? undefined : tools.outputMismatch(step.tool, output);
  if (flaw !== undefined) throw unfit(`it is no result of ${step.name}: ${flaw}`);
  return { subject: { ...actionSubject(step), about: 'effect', attempt: step.attempt } };
}

interface Agreed {
  readonly step: StepState;
  readonly command: DecideApproval;
  readonly asker: Asker;
}

function question(run: RunState, { ask }: ApprovalState, { step, command, asker }: Agreed): Edited {
  const shown = shownArguments(ask);
  const args = command.action === undefined ? shown : withData(shown, command.action);
  const hash = actionHash(run.runId, step.stepKey, 'approve', canonicalJson(args));
  const { n, name, stepKey } = step;
  return {
    subject: { about: 'question', step: n, name, hash, stepKey, tool: 'approve', args },
    request: runRequest(run, asker, questionAction(name, hash, args)),
  };
}

/** What is open is what is shown: an earlier modification that waits for more people counts. */
function action(
  run: RunState,
  { ask }: ApprovalState,
  { step, command, asker, scope }: Agreed & { readonly scope: Scope },
): Edited {
  const next =
    command.action === undefined
      ? { ...step, args: shownArguments(ask), actionHash: ask.actionHash }
      : { ...step, ...executed(run, step, command.action, scope) };
  const subject = actionSubject(next);
  if (step.kind !== 'patch') return { subject, request: permitRequest(run, next, asker, scope) };
  const view = { kind: 'patch', name: 'state', ...viewOf(next.args) } as const;
  return { subject: { ...subject, name: 'state' }, request: runRequest(run, asker, view) };
}

/** The edited arguments, where they can be executed. */
function executed(run: RunState, step: StepState, args: Json, { tools, thread }: Scope): Partial<StepState> {
  const { tool, kind, name, stepKey } = step;
  if (tool !== undefined) {
    const flaw = tools.mismatch(tool, args);
    if (flaw !== undefined) throw unfit(`it does not fit the schema of ${name}: ${flaw}`);
  } else if (kind === 'patch') {
    try {
      applyDecidedPatch(thread.state, operations(args));
    } catch (error) {
      throw unfit(errorRecord(error).message);
    }
  } else throw unfit(`a ${kind} can be approved or rejected as it is, not modified`);
  return { args, actionHash: actionHash(run.runId, stepKey, tool ?? kind, canonicalJson(args)) };
}

/** RFC 6902 operations, to be checked by whoever applies them. */
export function operations(patch: Json): readonly PatchOperation[] {
  return Array.isArray(patch) ? (patch as readonly PatchOperation[]) : [];
}

const unfit = (why: string): InvalidInputError =>
  new InvalidInputError(
    'APPROVAL_ACTION_INVALID',
    `what was sent as action can not be done: ${why}`,
    'Send the whole action as it is to be done, in the form in which it was shown.',
  );
