import { type Commit, type EventOf, type RunEvent } from '@summit/events';
import { TerminalError } from '@summit/kernel';
import { applyApproval } from './approval.evolve.ts';
import { created, ERASED } from './run.created.ts';
import { applyToStep, lost, patched, stepOf } from './run.evolve.steps.ts';
import { type RunState } from './run.state.ts';

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

const FRAME = 'frame:';

/** A frame's cause, as commits name it: `frame:<assignment>.<number>`. */
export function frameCause(assignment: number, number: number): string {
  return `${FRAME}${String(assignment)}.${String(number)}`;
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
  for (const event of events) {
    if (event.type === 'RunCreated') run = created(head, event);
    else apply(existing(run, head), head, event);
  }
  const folded = existing(run, head);
  const { version, causationId } = head;
  folded.version = version;
  if (causationId.startsWith(FRAME)) folded.frame = Number(causationId.slice(causationId.indexOf('.') + 1));
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

/** What happens to a run as a whole; the rest happens to one of its steps. */
function apply(run: RunState, head: CommitHead, event: Exclude<RunEvent, { type: 'RunCreated' }>): void {
  switch (event.type) {
    case 'RunAssigned':
      assigned(run, head, event);
      break;
    case 'RunPaused':
      run.paused = true;
      break;
    case 'RunResumed':
      run.paused = false;
      break;
    case 'RunCancelRequested':
      run.cancelRequested = true;
      break;
    case 'RunCancelled':
      run.status = 'cancelled';
      break;
    case 'RunCompleted':
      run.status = 'completed';
      run.output = event.data?.output ?? null;
      break;
    case 'RunFailed':
      run.status = 'failed';
      run.error = event.data?.error ?? { code: 'ERASED', message: ERASED };
      break;
    case 'RunDiverged': // says why it fails
      break;
    case 'PureComputed':
      computed(run, event);
      break;
    case 'MessageAppended':
      appended(run, event);
      break;
    case 'SignalReceived':
      involved(run, head);
      signalled(run, event);
      break;
    case 'StatePatched':
      if (event.step === undefined) edited(run, head, event);
      else patched(run, head, event, event.step);
      break;
    case 'Delivered':
      delivered(run, event);
      break;
    case 'ApprovalRequested':
    case 'ApprovalDecided':
    case 'ApprovalAmended':
    case 'ApprovalEscalated':
    case 'ApprovalExpired':
    case 'ApprovalWithdrawn':
      applyApproval(run, head, event);
      break;
    default:
      applyToStep(run, head, event);
  }
}

/** A person had a say in what the run does. */
function involved(run: RunState, { actor }: CommitHead): void {
  if (actor.kind === 'user' && actor.name !== undefined) run.requesters.add(actor.name);
}

function assigned(
  run: RunState,
  head: CommitHead,
  { executor, leaderEpoch, assignment, kept }: EventOf<'RunAssigned'>,
): void {
  const otherReign = run.epoch !== undefined && run.epoch.leader !== leaderEpoch;
  run.status = 'running';
  run.executor = executor;
  run.epoch = { leader: leaderEpoch, assignment };
  if (kept) return;
  run.coroutine = assignment;
  run.frame = 0;
  for (const open of run.open.values()) lost(open, head.at + (otherReign ? OLD_REIGN_MS : 0));
}

function computed(run: RunState, { data }: EventOf<'PureComputed'>): void {
  for (const { stepKey, output } of data?.steps ?? []) run.history.push({ t: 'pure', stepKey, output });
}

function delivered(run: RunState, { version, at, step }: EventOf<'Delivered'>): void {
  if (step === undefined) run.history.push({ t: 'edited', version, at });
  else run.history.push({ t: 'delivered', version, stepKey: stepOf(run, step).stepKey, at });
}

/** A message that came with the run's start is what it was asked; its own ones need not be said again in replay. */
function appended(run: RunState, { data }: EventOf<'MessageAppended'>): void {
  if (data?.stepKey !== undefined) run.history.push({ t: 'message', stepKey: data.stepKey });
  else run.message = data?.message;
}

/** [C3.3] A person's edit. Before the run was first given away it is part of the state that it begins with. */
function edited(run: RunState, head: CommitHead, { stateVersion, data }: EventOf<'StatePatched'>): void {
  involved(run, head);
  const { version } = head;
  if (run.epoch !== undefined)
    run.history.push({ t: 'edit', version, stateVersion, patch: data?.patch ?? [] });
}

function signalled(run: RunState, { data }: EventOf<'SignalReceived'>): void {
  if (!data) return;
  const queue = run.signals.get(data.name) ?? [];
  queue.push(data.payload);
  run.signals.set(data.name, queue);
}
