import { type EventOf, type RunEvent } from '@summit/events';
import {
  type Dispatch,
  type Doubt,
  type Edit,
  isFinished,
  type Permit,
  type RunEpoch,
  type RunState,
  type RunUpdate,
  type Settlement,
  type StepState,
} from '@summit/engine';
import { assertNever } from '@summit/kernel';

/**
 * What the run's last commit, of these events, means for the executor that holds it; undefined where nothing. `frame`:
 * the one that it answers.
 */
export function updateOf(
  run: RunState,
  events: readonly RunEvent[],
  frame: number | undefined,
): RunUpdate | undefined {
  const { tenant, runId, epoch = NO_EPOCH } = run;
  const drop = isFinished(run) ? true : undefined;
  const update: Update = { tenant, runId, epoch, frame, drop, ...NOTHING };
  let said = frame !== undefined || drop === true;
  for (const event of events) if (add(update, run, event)) said = true;
  return said ? update : undefined;
}

/** A {@link RunUpdate} that is being made. */
type Update = RunUpdate & {
  dispatch: Dispatch | undefined;
  permits: Permit[] | undefined;
  settlements: Settlement[] | undefined;
  edits: Edit[] | undefined;
  cancel: boolean | undefined;
};

const NOTHING = {
  dispatch: undefined,
  permits: undefined,
  settlements: undefined,
  edits: undefined,
  cancel: undefined,
};

const NO_EPOCH: RunEpoch = { leader: 0, assignment: 0 };

/** Adds what an event means; false where it means nothing to an executor. */
function add(update: Update, run: RunState, event: RunEvent): boolean {
  switch (event.type) {
    case 'PermitGranted':
      (update.permits ??= []).push(permitOf(run, event));
      return true;
    case 'RunAssigned':
      if (!event.kept) update.dispatch = dispatchOf(run);
      return !event.kept;
    case 'RunCancelRequested':
      update.cancel = true;
      return true;
    case 'StatePatched':
      if (event.step !== undefined) return addSettlement(update, run, event, event.step);
      (update.edits ??= []).push(editOf(event, run.version));
      return true;
    case 'StepCompleted':
      return event.at === undefined && addSettlement(update, run, event, event.step);
    case 'StepDenied':
    case 'StepFailed':
      return addSettlement(update, run, event, event.step);
    default:
      return false;
  }
}

/** Which run, and in which epoch. */
export function addressOf(run: RunState): Pick<RunUpdate, 'tenant' | 'runId' | 'epoch'> {
  return { tenant: run.tenant, runId: run.runId, epoch: run.epoch ?? NO_EPOCH };
}

function permitOf(run: RunState, event: Extract<RunEvent, { type: 'PermitGranted' }>): Permit {
  const { step, attempt, actionHash, data } = event;
  const target = run.byNumber[step];
  return {
    stepKey: target?.stepKey ?? '',
    attempt,
    actionHash,
    args: data?.args,
    version: versionOf(target),
  };
}

/** Tokens of a model call name the commit that permitted it. */
const versionOf = (step: StepState | undefined): number | undefined =>
  step?.kind === 'model' ? step.permitVersion : undefined;

function editOf({ stateVersion, data }: EventOf<'StatePatched'>, version: number): Edit {
  return { version, stateVersion, patch: data?.patch ?? [] };
}

type Settling = EventOf<'StepDenied' | 'StepFailed' | 'StepCompleted' | 'StatePatched'>;

function addSettlement(update: Update, run: RunState, event: Settling, step: number): true {
  const { stepKey = '', executed } = run.byNumber[step] ?? {};
  const base = { version: run.version, stepKey };
  (update.settlements ??= []).push(
    settlementOf(base, event, executed === undefined ? undefined : { executed }),
  );
  return true;
}

function settlementOf(
  base: Pick<Settlement, 'version' | 'stepKey'>,
  event: Settling,
  changed: Pick<Settlement, 'executed'> | undefined,
): Settlement {
  switch (event.type) {
    case 'StepDenied':
    case 'StepFailed': {
      const error = event.data?.error ?? { code: 'ERASED', message: 'erased' };
      return { ...base, result: { ok: false, error }, ...(event.type === 'StepFailed' && changed) };
    }
    case 'StepCompleted':
      return { ...base, result: { ok: true, output: event.data?.output ?? null }, ...changed };
    case 'StatePatched':
      return { ...base, result: { ok: true, output: event.stateVersion }, patch: event.data?.patch ?? [] };
    default:
      return assertNever(event);
  }
}

/** All that a new coroutine needs. A snapshot: what comes later does not change it. */
export function dispatchOf(run: RunState): Dispatch {
  const { runId, threadId, workflow, workflowVersion, input, seed, startedBy, createdAt, trace } = run;
  const { baseState, baseVersion, baseMessages, message } = run;
  return {
    runId,
    threadId,
    workflow,
    version: workflowVersion,
    input,
    seed,
    startedBy,
    createdAt,
    state: baseState,
    stateVersion: baseVersion,
    ...(baseMessages.length > 0 && { messages: baseMessages }),
    ...(message && { message }),
    history: run.history.slice(),
    cancelled: run.cancelRequested,
    paused: run.paused,
    trace,
  };
}

/** What an executor that kept its coroutine may have missed: the last frame, open permits, undelivered settlements and edits. */
export function resyncOf(run: RunState): RunUpdate {
  const permits = run.open
    .values()
    .filter((step) => step.phase === 'permitted')
    .map((step) => {
      const { stepKey, attempt, actionHash, args } = step;
      return { stepKey, attempt, actionHash, args, version: versionOf(step) };
    });
  const undelivered = new Map<string, Settlement>();
  const edits = new Map<number, Edit>();
  for (const item of run.history) {
    if (item.t === 'settled') undelivered.set(item.stepKey, item);
    else if (item.t === 'delivered') undelivered.delete(item.stepKey);
    else if (item.t === 'edit') edits.set(item.version, item);
    else if (item.t === 'edited') edits.delete(item.version);
  }
  return {
    ...addressOf(run),
    frame: run.frame,
    permits,
    settlements: [...undelivered.values()],
    edits: [...edits.values()],
    ...(run.cancelRequested && { cancel: true }),
  };
}

/** Attempts whose executor is gone and that may have had their effect: to be reconciled. */
export function doubtsOf(run: RunState, now: number): Doubt[] {
  return run.open
    .values()
    .flatMap(({ phase, dueAt, tool, stepKey, attempt, name, args }) =>
      phase === 'doubt' && tool !== undefined && (dueAt ?? 0) <= now
        ? [{ stepKey, attempt, name, tool, args }]
        : [],
    );
}
