import { type Decision, type RunEvent } from '@summit/events';
import { ConflictError, errorRecord, type ErrorRecord, type Json } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest, viewOf } from '@summit/policy';
import { type Frame, type FrameItem, type Proposal } from './frame.ts';
import { type Asker, type Draft, type Plan, recorded, type Reserved, runRequest } from './plan.ts';
import { ask, type Asked, refusal, type RunScope, stepProposed } from './run.proposal.ts';
import { type RunState } from './run.state.ts';
import { outcomeEvents } from './run.outcome.ts';
import { applyPatch } from './thread.ts';

/** Half of an item's work: what follows once the answers are there. Adds to the draft. */
type Part = (draft: Building, answers: readonly PolicyAnswer[]) => void;

interface Building extends Draft {
  readonly decisions: Decision[];
  readonly events: RunEvent[];
  /** The thread's state as the frame's own patches leave it. */
  state: Json;
  stateVersion: number;
  stopped: boolean;
}

/**
 * Plans a frame: an ordered list of outcomes, proposals, patches and delivery marks, answered by one commit with one
 * decision a proposal. What is not in order refuses the frame whole (`FRAME_REFUSED`), before policy is asked.
 */
export function planFrame(run: RunState, frame: Frame, asker: Asker, scope: RunScope): Plan {
  checkOrder(run, frame);
  const requests: PolicyRequest[] = [];
  const parts: Part[] = [];
  const reserved: Reserved = { steps: 0, attempts: 0 };
  const planning: Planning = { run, frame, asker, scope, requests, reserved, keys: new Set() };
  for (let i = 0; i < frame.items.length; i++) {
    const item = frame.items[i];
    if (item === undefined) break;
    if (item.kind === 'pure') {
      const end = endOfPure(frame.items, i);
      parts.push(planPure(planning, frame.items.slice(i, end)));
      i = end - 1;
    } else {
      parts.push(planItem(planning, item));
    }
  }
  return {
    requests,
    conclude(answers) {
      const { state, stateVersion } = scope.thread;
      const draft: Building = { decisions: [], events: [], state, stateVersion, stopped: false };
      for (const part of parts) part(draft, answers);
      return { decisions: draft.decisions, events: draft.events };
    },
  };
}

interface Planning {
  readonly run: RunState;
  readonly frame: Frame;
  readonly asker: Asker;
  readonly scope: RunScope;
  readonly requests: PolicyRequest[];
  readonly reserved: Reserved;
  readonly keys: Set<string>;
}

function checkOrder(run: RunState, frame: Frame): void {
  if (frame.number !== run.frame + 1) {
    throw refused(run, `frame ${String(frame.number)} does not follow ${String(run.frame)}`);
  }
}

/** The refusal of a whole frame; its coroutine is rebuilt from the history. */
export function refused(run: RunState, why: string): ConflictError {
  return new ConflictError(
    'FRAME_REFUSED',
    `a frame of ${run.runId} was refused: ${why}`,
    'The executor rebuilds the run from its history; nothing was recorded.',
  );
}

function planItem(planning: Planning, item: Exclude<FrameItem, { kind: 'pure' }>): Part {
  const { run, frame } = planning;
  switch (item.kind) {
    case 'outcome':
    case 'failure':
    case 'reconciled': {
      const events = outcomeEvents(run, frame.executor, item, planning.asker.now);
      return (draft) => {
        draft.events.push(...events);
      };
    }
    case 'delivered': {
      const step = run.steps.get(item.stepKey);
      if (!step) throw refused(run, `it marks ${item.stepKey}, which was never proposed`);
      const { version, at } = item;
      return event({ type: 'Delivered', v: 1, basis: 'delivery', version, step: step.n, at });
    }
    case 'complete':
      return planComplete(planning, item.output);
    case 'fail':
      return event({ type: 'RunFailed', v: 1, basis: 'failure', data: { error: item.error } });
    case 'stopped':
      if (!run.cancelRequested) throw refused(run, 'it stopped without being asked to');
      return event({ type: 'RunCancelled', v: 1, basis: 'outcome' });
    case 'diverged':
      return planDiverged(item);
    default:
      return planProposal(planning, item);
  }
}

function event(item: RunEvent): Part {
  return (draft) => {
    draft.events.push(item);
  };
}

/** [C1.4] Code that no longer does what the history says stops its run, with both sides shown. */
function planDiverged(item: Extract<FrameItem, { kind: 'diverged' }>): Part {
  const { stepKey, recorded: was, proposed } = item;
  const error: ErrorRecord = {
    code: 'RUN_DIVERGED',
    message: `the workflow's code no longer follows its history at ${stepKey}`,
    next: 'Deploy the version that began the run, or fork it from the step before.',
    retryable: false,
  };
  return (draft) => {
    draft.events.push(
      { type: 'RunDiverged', v: 1, basis: 'divergence', data: { stepKey, recorded: was, proposed } },
      { type: 'RunFailed', v: 1, basis: 'divergence', data: { error } },
    );
  };
}

function endOfPure(items: readonly FrameItem[], from: number): number {
  let end = from;
  while (items[end]?.kind === 'pure') end++;
  return end;
}

/** Pure steps that stand together share one decision and one event. */
function planPure({ run, requests, asker, reserved }: Planning, items: readonly FrameItem[]): Part {
  const steps = items.flatMap((item) =>
    item.kind === 'pure' ? [{ stepKey: item.stepKey, output: item.output }] : [],
  );
  const name = (steps[0]?.stepKey ?? '').replace(/#\d+$/, '');
  const at = requests.push(runRequest(run, asker, { kind: 'pure', name, count: steps.length }, reserved)) - 1;
  return (draft, answers) => {
    const basis = decide(draft, requests[at], answers[at]);
    const error = refusal(answers[at], `the pure step ${name}`);
    if (error) draft.events.push({ type: 'RunFailed', v: 1, basis, data: { error } });
    else draft.events.push({ type: 'PureComputed', v: 1, basis, count: steps.length, data: { steps } });
  };
}

function planComplete({ run, requests, asker, reserved }: Planning, output: Json): Part {
  if ([...run.open].some((step) => step.phase === 'permitted' && step.effect === 'once')) {
    throw refused(run, 'it completes while a permitted attempt has no outcome');
  }
  const action = { kind: 'run.complete', name: run.workflow, ...viewOf(output) } as const;
  const at = requests.push(runRequest(run, asker, action, reserved)) - 1;
  return (draft, answers) => {
    const basis = decide(draft, requests[at], answers[at]);
    const error = refusal(answers[at], 'the run to complete');
    if (error) draft.events.push({ type: 'RunFailed', v: 1, basis, data: { error } });
    else draft.events.push({ type: 'RunCompleted', v: 1, basis, data: { output } });
  };
}

/** Records a decision and gives the basis that it is for the events after it. // I3 */
function decide(
  draft: Building,
  request: PolicyRequest | undefined,
  answer: PolicyAnswer | undefined,
): number | 'denial' {
  if (!request || !answer) return 'denial';
  return draft.decisions.push(recorded(request, answer)) - 1;
}

function planProposal(planning: Planning, proposal: Proposal): Part {
  const { run, requests, asker, reserved, scope, keys } = planning;
  if (run.steps.has(proposal.stepKey) || keys.has(proposal.stepKey)) {
    throw refused(run, `${proposal.stepKey} was proposed before`);
  }
  keys.add(proposal.stepKey);
  const asked = ask(run, proposal, scope.tools);
  const n = run.byNumber.length + reserved.steps;
  const at = requests.push(runRequest(run, asker, asked.action, reserved)) - 1;
  reserved.steps += 1;
  if (proposal.kind === 'propose') reserved.attempts += 1;
  return (draft, answers) => {
    const basis = decide(draft, requests[at], answers[at]);
    const error = cancelled(run) ?? refusal(answers[at], proposalName(proposal)) ?? asked.flaw;
    if (error) deny(draft, planning, asked, n, basis, error);
    else if (proposal.kind === 'patch') patch(draft, planning, asked, n, basis);
    else accept(draft, planning, asked, n, basis);
  };
}

const proposalName = (proposal: Proposal): string =>
  proposal.kind === 'patch'
    ? 'the state to be patched'
    : `${proposal.kind === 'propose' ? proposal.step : proposal.kind} ${proposal.name}`;

const cancelled = (run: RunState): ErrorRecord | undefined =>
  run.cancelRequested
    ? { code: 'RUN_CANCELLED', message: 'the run was cancelled', next: 'Start a new run.', retryable: false }
    : undefined;

function deny(
  draft: Building,
  { asker }: Planning,
  asked: Asked,
  n: number,
  basis: number | 'denial',
  error: ErrorRecord,
): void {
  draft.events.push(stepProposed(n, asked, basis, asker.now));
  draft.events.push({ type: 'StepDenied', v: 1, basis, step: n, data: { error } });
}

function patch(draft: Building, planning: Planning, asked: Asked, n: number, basis: number | 'denial'): void {
  if (asked.proposal.kind !== 'patch') return;
  const { stepKey, patch: operations } = asked.proposal;
  try {
    draft.state = applyPatch(draft.state, operations);
  } catch (error) {
    deny(draft, planning, asked, n, 'denial', errorRecord(error));
    return;
  }
  draft.stateVersion += 1;
  const data = { stepKey, patch: operations.map((operation) => ({ ...operation })) };
  const { stateVersion } = draft;
  draft.events.push({
    type: 'StatePatched',
    v: 1,
    basis,
    step: n,
    stateVersion,
    actionHash: asked.hash,
    data,
  });
}

function accept(
  draft: Building,
  { run, scope, asker }: Planning,
  asked: Asked,
  n: number,
  basis: number | 'denial',
): void {
  const { proposal, hash } = asked;
  draft.events.push(stepProposed(n, asked, basis, asker.now));
  if (proposal.kind === 'signal') {
    const waiting = run.signals.get(proposal.name)?.[0];
    if (waiting !== undefined) {
      draft.events.push({
        type: 'StepCompleted',
        v: 1,
        basis,
        step: n,
        attempt: 0,
        data: { output: waiting },
      });
    }
  } else if (proposal.kind === 'propose' && !run.paused) {
    const { executor, leaderEpoch, assignment } = scope;
    const permit = { executor, leaderEpoch, assignment, actionHash: hash };
    draft.events.push({ type: 'PermitGranted', v: 1, basis, step: n, attempt: 1, ...permit });
  }
}
