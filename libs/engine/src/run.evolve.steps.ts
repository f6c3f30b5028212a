import { type Commit, type EventOf, type RunEvent, type StepKind } from '@summit/events';
import { assertNever, TerminalError } from '@summit/kernel';
import { change, NOBODY } from './approval.state.ts';
import { type Settlement, type StepResult } from './frame.ts';
import { ERASED } from './run.created.ts';
import { tokensOf } from './run.model.ts';
import { type RunState, type StepState } from './run.state.ts';

/** What of its commit the fold of a step's event needs. */
type CommitHead = Pick<Commit, 'version'>;

/** What happens to one step. */
export function applyToStep(
  run: RunState,
  head: CommitHead,
  event: Extract<RunEvent, { readonly step: number }>,
): void {
  switch (event.type) {
    case 'StepProposed':
      proposed(run, event);
      break;
    case 'PermitGranted':
      permitted(run, head, event);
      break;
    case 'StepCompleted':
      completed(run, head, event);
      break;
    case 'StepDenied':
    case 'StepFailed':
      failed(run, head, event);
      break;
    case 'AttemptFailed':
      attemptFailed(run, event);
      break;
    case 'EffectUnknown':
      doubtless(run, event, 'unknown');
      break;
    case 'EffectNeverHappened':
      doubtless(run, event, 'held');
      break;
    default:
      assertNever(event);
  }
}

/** A step by its number. Throws `JOURNAL_BROKEN`. */
export function stepOf(run: RunState, n: number): StepState {
  const found = run.byNumber[n];
  if (found) return found;
  throw new TerminalError(
    'JOURNAL_BROKEN',
    `run ${run.runId} has no step ${String(n)}`,
    'Run summit verify --journal.',
  );
}

function proposed(run: RunState, event: EventOf<'StepProposed'>): void {
  const { step: n, kind, effect, actionHash, proposedHash, tool, timeoutMs, retry, dueAt, data } = event;
  const { stepKey = erasedKey(n), name = ERASED, args = null } = data ?? {};
  const asked = { n, stepKey, kind, name, effect, actionHash, tool, timeoutMs, retry, dueAt, args };
  add(run, asked, proposedHash);
}

/** [C3.3] The run's own patch, applied: proposed in the same commit, or earlier where people were asked first. */
export function patched(run: RunState, head: CommitHead, event: EventOf<'StatePatched'>, n: number): void {
  const { actionHash, stateVersion, data } = event;
  if (!run.byNumber[n]) {
    const named = { n, stepKey: data?.stepKey ?? erasedKey(n), kind: 'patch', name: 'state' } as const;
    const untimed = { tool: undefined, timeoutMs: undefined, retry: undefined, dueAt: undefined };
    add(run, { ...named, ...untimed, effect: 'pure', actionHash, args: null });
  }
  settled(run, head, stepOf(run, n), { ok: true, output: stateVersion }, { patch: data?.patch ?? [] });
}

const erasedKey = (n: number): string => `${ERASED}#${String(n)}`;

/** A step as it is asked for; the rest of it is what becomes of it. */
type Asked = Omit<
  StepState,
  | 'phase'
  | 'attempt'
  | 'failures'
  | 'executor'
  | 'permitVersion'
  | 'changed'
  | 'executed'
  | 'approval'
  | 'approved'
>;

/** `proposedHash`: what the coroutine asked for, where policy transformed it. */
function add(run: RunState, asked: Asked, proposedHash?: string): void {
  const { n, stepKey, kind, name, effect, actionHash, tool, timeoutMs, retry, dueAt, args } = asked;
  const step: StepState = {
    n,
    stepKey,
    kind,
    name,
    effect,
    actionHash,
    tool,
    timeoutMs,
    retry,
    phase: isAttempted(kind) ? 'held' : 'waiting',
    attempt: 0,
    failures: 0,
    executor: undefined,
    permitVersion: 0,
    dueAt,
    args,
    changed: proposedHash !== undefined,
    executed: undefined,
    approval: undefined,
    approved: NOBODY,
  };
  run.steps.set(stepKey, step);
  run.byNumber[n] = step;
  run.open.set(stepKey, step);
  run.history.push({ t: 'proposed', stepKey, actionHash: proposedHash ?? actionHash });
}

const isAttempted = (kind: StepKind): boolean => kind === 'tool' || kind === 'step' || kind === 'model';

function permitted(run: RunState, head: CommitHead, event: EventOf<'PermitGranted'>): void {
  const step = stepOf(run, event.step);
  step.phase = 'permitted';
  step.attempt = event.attempt;
  step.executor = event.executor;
  step.permitVersion = head.version;
  step.dueAt = undefined;
  step.executed = event.data?.args;
  if (event.data) change(step, event.actionHash, event.data.args);
  run.attempts += 1;
}

function completed(run: RunState, head: CommitHead, event: EventOf<'StepCompleted'>): void {
  const step = stepOf(run, event.step);
  const output = event.data?.output ?? null;
  if (step.kind === 'model') run.tokens += tokensOf(output);
  if (step.kind === 'signal') run.signals.get(step.name)?.shift();
  if (event.at === undefined) {
    settled(run, head, step, { ok: true, output }, withArgs(step));
    return;
  }
  close(run, step);
  const { stepKey, executed } = step;
  const item = { t: 'outcome', stepKey, output, at: event.at } as const;
  run.history.push(executed === undefined ? item : { ...item, executed });
}

/** What is said of a step's arguments beside its result. */
const withArgs = ({ executed }: StepState): Pick<Settlement, 'executed'> | undefined =>
  executed === undefined ? undefined : { executed };

/** Denied, or failed for good. */
function failed(
  run: RunState,
  head: CommitHead,
  { type, step: n, data }: EventOf<'StepDenied'> | EventOf<'StepFailed'>,
): void {
  const error = data?.error ?? { code: 'ERASED', message: ERASED };
  const step = stepOf(run, n);
  settled(run, head, step, { ok: false, error }, type === 'StepFailed' ? withArgs(step) : undefined);
}

/** The leader settled it: the coroutine learns of it by a delivery. */
function settled(
  run: RunState,
  { version }: CommitHead,
  step: StepState,
  result: StepResult,
  more?: Pick<Settlement, 'patch' | 'executed'>,
): void {
  close(run, step);
  const { stepKey } = step;
  run.history.push({ t: 'settled', version, stepKey, result, ...more });
}

function close(run: RunState, step: StepState): void {
  run.open.delete(step.stepKey);
  step.phase = 'settled';
  step.dueAt = undefined;
  step.args = null;
}

function attemptFailed(run: RunState, event: EventOf<'AttemptFailed'>): void {
  const step = stepOf(run, event.step);
  step.phase = 'backoff';
  step.failures += 1;
  step.dueAt = event.retryAt;
}

/** What became of an attempt in doubt: nobody can tell, or it never happened and may be tried again. // C1.3 */
function doubtless(
  run: RunState,
  { step: n }: EventOf<'EffectUnknown'> | EventOf<'EffectNeverHappened'>,
  phase: 'unknown' | 'held',
): void {
  const step = stepOf(run, n);
  step.phase = phase;
  step.dueAt = undefined;
}

/**
 * Without its coroutine, what was under way is permitted again, or in doubt where it may not be repeated: until
 * nobody can have begun it any more (`startedBy`), and its time has passed. // C1.3
 */
export function lost(step: StepState, startedBy: number): void {
  if (step.phase !== 'permitted') return;
  if (step.effect !== 'once') {
    step.phase = 'held';
    return;
  }
  step.phase = 'doubt';
  step.dueAt = startedBy + (step.timeoutMs ?? 0);
}
