import { type EventOf, type RunEvent } from '@summit/events';
import {
  type Dispatch,
  type Doubt,
  type Edit,
  type Permit,
  type RunState,
  type RunUpdate,
  type Settlement,
  type StepState,
} from '@summit/engine';

/** What a commit's events mean for the executor that holds the run; undefined where nothing. */
export function updateOf(run: RunState, events: readonly RunEvent[], version: number): RunUpdate | undefined {
  const permits: Permit[] = [];
  const settlements: Settlement[] = [];
  const edits: Edit[] = [];
  let cancel = false;
  for (const event of events) {
    if (event.type === 'PermitGranted') permits.push(permitOf(run, event));
    else if (event.type === 'RunCancelRequested') cancel = true;
    else if (event.type === 'StatePatched' && event.step === undefined) edits.push(editOf(event, version));
    else addSettlement(settlements, run, event, version);
  }
  if (permits.length === 0 && settlements.length === 0 && edits.length === 0 && !cancel) return undefined;
  return {
    ...addressOf(run),
    ...(permits.length > 0 && { permits }),
    ...(settlements.length > 0 && { settlements }),
    ...(edits.length > 0 && { edits }),
    ...(cancel && { cancel }),
  };
}

/** Which run, and in which epoch. */
export function addressOf(run: RunState): Pick<RunUpdate, 'tenant' | 'runId' | 'epoch'> {
  return { tenant: run.tenant, runId: run.runId, epoch: run.epoch ?? { leader: 0, assignment: 0 } };
}

function permitOf(run: RunState, event: Extract<RunEvent, { type: 'PermitGranted' }>): Permit {
  const { step, attempt, actionHash, data } = event;
  const target = run.byNumber[step];
  const stepKey = target?.stepKey ?? '';
  return { stepKey, attempt, actionHash, ...(data && { args: data.args }), ...versionOf(target) };
}

/** Tokens of a model call name the commit that permitted it. */
const versionOf = (step: StepState | undefined): { version?: number } =>
  step?.kind === 'model' ? { version: step.permitVersion } : {};

function editOf({ stateVersion, data }: EventOf<'StatePatched'>, version: number): Edit {
  return { version, stateVersion, patch: data?.patch ?? [] };
}

function addSettlement(settlements: Settlement[], run: RunState, event: RunEvent, version: number): void {
  if (!('step' in event) || event.step === undefined) return;
  const { stepKey = '', executed } = run.byNumber[event.step] ?? {};
  const changed = executed === undefined ? undefined : { executed };
  switch (event.type) {
    case 'StepDenied':
    case 'StepFailed': {
      const error = event.data?.error ?? { code: 'ERASED', message: 'erased' };
      const tried = event.type === 'StepFailed' ? changed : undefined;
      settlements.push({ version, stepKey, result: { ok: false, error }, ...tried });
      break;
    }
    case 'StepCompleted':
      if (event.at === undefined) {
        const output = event.data?.output ?? null;
        settlements.push({ version, stepKey, result: { ok: true, output }, ...changed });
      }
      break;
    case 'StatePatched': {
      const patch = event.data?.patch ?? [];
      settlements.push({ version, stepKey, result: { ok: true, output: event.stateVersion }, patch });
      break;
    }
    default:
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
  const permits = [...run.open]
    .filter((step) => step.phase === 'permitted')
    .map((step) => {
      const { stepKey, attempt, actionHash, args } = step;
      return { stepKey, attempt, actionHash, args, ...versionOf(step) };
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
  return [...run.open].flatMap(({ phase, dueAt, tool, stepKey, attempt, name, args }) =>
    phase === 'doubt' && tool !== undefined && (dueAt ?? 0) <= now
      ? [{ stepKey, attempt, name, tool, args }]
      : [],
  );
}
