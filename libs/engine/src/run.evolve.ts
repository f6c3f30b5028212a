import { type Commit, type EventOf, type RunEvent, type StepKind } from '@summit/events';
import { assertNever, TerminalError } from '@summit/kernel';
import { applyApproval } from './approval.evolve.ts';
import { type PatchOperation, type StepResult } from './frame.ts';
import { change, NOBODY } from './approval.state.ts';
import { created, ERASED } from './run.created.ts';
import { tokensOf } from './run.model.ts';
import { type RunState, type StepState } from './run.state.ts';

/**
 * How long a lost leader may have gone on lending: its own lease, and the last one that it lent. An attempt that it
 * permitted is taken to have begun no later than this after the reign changed, milliseconds.
 */
export const OLD_REIGN_MS = 5500;

/** What of its commit an event's fold needs. */
export type CommitHead = Pick<
  Commit,
  'version' | 'at' | 'key' | 'actor' | 'tenant' | 'entity' | 'causationId' | 'trace'
>;

/** A frame's cause, as commits name it: `frame:<assignment>.<number>`. */
export function frameCause(assignment: number, number: number): string {
  return `frame:${String(assignment)}.${String(number)}`;
}

/**
 * Folds one commit of a run. Takes the state over and gives it back (see {@link RunState}). Total over valid
 * histories, erased data included. // I6
 */
export function evolveRun(
  state: RunState | undefined,
  head: CommitHead,
  events: readonly RunEvent[],
): RunState {
  let run = state;
  for (const event of events)
    run = event.type === 'RunCreated' ? created(head, event) : apply(existing(run, head), head, event);
  const folded = existing(run, head);
  folded.version = head.version;
  const frame = /^frame:\d+\.(\d+)$/.exec(head.causationId)?.[1];
  if (frame !== undefined) folded.frame = Number(frame);
  return folded;
}

function existing(run: RunState | undefined, head: CommitHead): RunState {
  if (run) return run;
  throw new TerminalError(
    'JOURNAL_BROKEN',
    `run ${head.entity.id} was never created`,
    'Run summit verify --journal.',
  );
}

type LaterEvent = Exclude<RunEvent, { type: 'RunCreated' }>;
type StepEvent = Extract<LaterEvent, { step?: number | undefined }>;

function apply(run: RunState, head: CommitHead, event: LaterEvent): RunState {
  if ('step' in event) return applyToStep(run, head, event);
  switch (event.type) {
    case 'RunAssigned':
      return assigned(run, head, event);
    case 'PureComputed':
      for (const { stepKey, output } of event.data?.steps ?? [])
        run.history.push({ t: 'pure', stepKey, output });
      return run;
    case 'SignalReceived':
      involved(run, head);
      return signalled(run, event);
    case 'MessageAppended':
      return appended(run, event);
    case 'RunPaused':
      run.paused = true;
      return run;
    case 'RunResumed':
      run.paused = false;
      return run;
    case 'RunCancelRequested':
      run.cancelRequested = true;
      return run;
    case 'RunCancelled':
      run.status = 'cancelled';
      return run;
    case 'RunCompleted':
      run.status = 'completed';
      run.output = event.data?.output ?? null;
      return run;
    case 'RunFailed':
      run.status = 'failed';
      run.error = event.data?.error ?? { code: 'ERASED', message: ERASED };
      return run;
    case 'RunDiverged':
      return run;
    case 'StatePatched':
      involved(run, head);
      return edited(run, head, event);
    case 'Delivered':
      return delivered(run, event);
    case 'ApprovalRequested':
    case 'ApprovalDecided':
    case 'ApprovalAmended':
    case 'ApprovalEscalated':
    case 'ApprovalExpired':
    case 'ApprovalWithdrawn':
      return applyApproval(run, head, event);
    default:
      return assertNever(event);
  }
}

function applyToStep(run: RunState, head: CommitHead, event: StepEvent): RunState {
  switch (event.type) {
    case 'StepProposed':
      return proposed(run, event);
    case 'PermitGranted':
      return permitted(run, head, event);
    case 'StepDenied':
    case 'StepFailed':
      return settled(run, head, step(run, event.step), {
        ok: false,
        error: event.data?.error ?? { code: 'ERASED', message: ERASED },
      });
    case 'StepCompleted':
      return completedStep(run, head, event);
    case 'AttemptFailed':
      return attemptFailed(run, event);
    case 'StatePatched':
      return patched(run, head, event);
    case 'Delivered':
      return delivered(run, event);
    case 'EffectUnknown':
      return doubtless(step(run, event.step), 'unknown', run);
    case 'EffectNeverHappened':
      return doubtless(step(run, event.step), 'held', run);
    case 'ApprovalRequested':
    case 'ApprovalDecided':
    case 'ApprovalAmended':
    case 'ApprovalEscalated':
    case 'ApprovalExpired':
    case 'ApprovalWithdrawn':
      return applyApproval(run, head, event);
    default:
      return assertNever(event);
  }
}

/** A person had a say in what the run does. */
function involved(run: RunState, { actor }: CommitHead): void {
  if (actor.kind === 'user' && actor.name !== undefined) run.requesters.add(actor.name);
}

function delivered(run: RunState, { version, at, step: n }: EventOf<'Delivered'>): RunState {
  if (n === undefined) run.history.push({ t: 'edited', version, at });
  else run.history.push({ t: 'delivered', version, stepKey: step(run, n).stepKey, at });
  return run;
}

function doubtless(target: StepState, phase: 'unknown' | 'held', run: RunState): RunState {
  target.phase = phase;
  target.dueAt = undefined;
  return run;
}

function step(run: RunState, n: number): StepState {
  const found = run.byNumber[n];
  if (found) return found;
  throw new TerminalError(
    'JOURNAL_BROKEN',
    `run ${run.runId} has no step ${String(n)}`,
    'Run summit verify --journal.',
  );
}

function assigned(
  run: RunState,
  head: CommitHead,
  { executor, leaderEpoch, assignment, kept }: EventOf<'RunAssigned'>,
): RunState {
  const otherReign = run.epoch !== undefined && run.epoch.leader !== leaderEpoch;
  run.status = 'running';
  run.executor = executor;
  run.epoch = { leader: leaderEpoch, assignment };
  if (kept) return run;
  run.coroutine = assignment;
  run.frame = 0;
  for (const open of run.open) lost(open, head.at + (otherReign ? OLD_REIGN_MS : 0));
  return run;
}

/**
 * Without its coroutine, what was under way is permitted again, or in doubt where it may not be repeated: until
 * nobody can have begun it any more (`startedBy`), and its time has passed. // C1.3
 */
function lost(open: StepState, startedBy: number): void {
  if (open.phase !== 'permitted') return;
  if (open.effect !== 'once') {
    open.phase = 'held';
    return;
  }
  open.phase = 'doubt';
  open.dueAt = startedBy + (open.timeoutMs ?? 0);
}

function proposed(run: RunState, event: EventOf<'StepProposed'>): RunState {
  const stepKey = event.data?.stepKey ?? `${ERASED}#${String(event.step)}`;
  const state: StepState = {
    n: event.step,
    stepKey,
    kind: event.kind,
    name: event.data?.name ?? ERASED,
    effect: event.effect,
    actionHash: event.actionHash,
    tool: event.tool,
    timeoutMs: event.timeoutMs,
    retry: event.retry,
    phase: isAttempted(event.kind) ? 'held' : 'waiting',
    attempt: 0,
    failures: 0,
    executor: undefined,
    permitVersion: 0,
    dueAt: event.dueAt,
    args: event.data?.args ?? null,
    changed: event.proposedHash !== undefined,
    approval: undefined,
    approved: NOBODY,
  };
  add(run, state, event.proposedHash);
  return run;
}

const isAttempted = (kind: StepKind): boolean => kind === 'tool' || kind === 'step' || kind === 'model';

/** `proposedHash`: what the coroutine asked for, where policy transformed it. */
function add(run: RunState, state: StepState, proposedHash = state.actionHash): void {
  run.steps.set(state.stepKey, state);
  run.byNumber[state.n] = state;
  run.open.add(state);
  run.history.push({ t: 'proposed', stepKey: state.stepKey, actionHash: proposedHash });
}

function permitted(run: RunState, head: CommitHead, event: EventOf<'PermitGranted'>): RunState {
  const target = step(run, event.step);
  target.phase = 'permitted';
  target.attempt = event.attempt;
  target.executor = event.executor;
  target.permitVersion = head.version;
  target.dueAt = undefined;
  if (event.data) change(target, event.actionHash, event.data.args);
  run.attempts += 1;
  return run;
}

/** The leader settled it: the coroutine learns of it by a delivery. */
function settled(
  run: RunState,
  head: CommitHead,
  target: StepState,
  result: StepResult,
  patch?: readonly PatchOperation[],
): RunState {
  close(run, target);
  const { stepKey } = target;
  run.history.push({ t: 'settled', version: head.version, stepKey, result, ...(patch && { patch }) });
  return run;
}

function close(run: RunState, target: StepState): void {
  run.open.delete(target);
  target.phase = 'settled';
  target.dueAt = undefined;
  target.args = null;
}

/** A message that came with the run's start is what it was asked; its own ones need not be said again in replay. */
function appended(run: RunState, { data }: EventOf<'MessageAppended'>): RunState {
  if (data?.stepKey !== undefined) run.history.push({ t: 'message', stepKey: data.stepKey });
  else run.message = data?.message;
  return run;
}

function completedStep(run: RunState, head: CommitHead, event: EventOf<'StepCompleted'>): RunState {
  const target = step(run, event.step);
  const output = event.data?.output ?? null;
  if (target.kind === 'model') run.tokens += tokensOf(output);
  if (target.kind === 'signal') run.signals.get(target.name)?.shift();
  if (event.at === undefined) return settled(run, head, target, { ok: true, output });
  close(run, target);
  run.history.push({ t: 'outcome', stepKey: target.stepKey, output, at: event.at });
  return run;
}

function attemptFailed(run: RunState, event: EventOf<'AttemptFailed'>): RunState {
  const target = step(run, event.step);
  target.phase = 'backoff';
  target.failures += 1;
  target.dueAt = event.retryAt;
  return run;
}

function patched(run: RunState, head: CommitHead, event: EventOf<'StatePatched'>): RunState {
  if (event.step === undefined) return edited(run, head, event);
  const patch = event.data?.patch ?? [];
  const asked = run.byNumber[event.step]; // people were asked before it was applied
  if (asked) return settled(run, head, asked, { ok: true, output: event.stateVersion }, patch);
  const patchStep: StepState = {
    n: event.step,
    stepKey: event.data?.stepKey ?? `${ERASED}#${String(event.step)}`,
    kind: 'patch',
    name: 'state',
    effect: 'pure',
    actionHash: event.actionHash,
    tool: undefined,
    timeoutMs: undefined,
    retry: undefined,
    phase: 'settled',
    attempt: 0,
    failures: 0,
    executor: undefined,
    permitVersion: 0,
    dueAt: undefined,
    args: null,
    changed: false,
    approval: undefined,
    approved: NOBODY,
  };
  add(run, patchStep);
  return settled(run, head, patchStep, { ok: true, output: event.stateVersion }, patch);
}

/** [C3.3] A person's edit. Before the run was first given away it is part of the state that it begins with. */
function edited(run: RunState, { version }: CommitHead, event: EventOf<'StatePatched'>): RunState {
  const { stateVersion, data } = event;
  if (run.epoch !== undefined)
    run.history.push({ t: 'edit', version, stateVersion, patch: data?.patch ?? [] });
  return run;
}

function signalled(run: RunState, { data }: EventOf<'SignalReceived'>): RunState {
  if (!data) return run;
  const queue = run.signals.get(data.name) ?? [];
  queue.push(data.payload);
  run.signals.set(data.name, queue);
  return run;
}
