import { type RetryPolicy, type RunEvent } from '@summit/events';
import { type ErrorRecord, type Instant } from '@summit/kernel';
import { unknownEvents, withdrawn } from './approval.ask.ts';
import { type FrameItem } from './frame.ts';
import { type RunState, type StepPhase, type StepState } from './run.state.ts';

type OutcomeItem = Extract<FrameItem, { kind: 'outcome' | 'failure' | 'reconciled' }>;

/**
 * What an executor's report on a permitted attempt brings. A fact: it is recorded whatever policy says, and from any
 * epoch, while the step has none and the permit names that executor. Nothing where the step has its answer: the
 * first outcome stands. // C1.3
 *
 * `late`: the coroutine that asked is gone, so the result reaches the run by a delivery.
 */
export function outcomeEvents(
  run: RunState,
  executor: string,
  item: OutcomeItem,
  now: Instant,
  late = false,
): RunEvent[] {
  const step = run.steps.get(item.stepKey);
  if (!step || !reportable(run, step, executor, item)) return [];
  const base = { v: 1, basis: 'outcome', step: step.n, attempt: item.attempt } as const;
  switch (item.kind) {
    case 'outcome': {
      const at = late ? undefined : item.at;
      return known(step, { type: 'StepCompleted', ...base, at, data: { output: item.output } });
    }
    case 'failure':
      if (item.unknown) return doubted(run, step, item.error.message, now);
      return known(step, failed(step, item.attempt, item.error, now));
    case 'reconciled':
      if (item.verdict === 'done') {
        return known(step, { type: 'StepCompleted', ...base, data: { output: item.output ?? null } });
      }
      if (item.verdict === 'never') return known(step, { type: 'EffectNeverHappened', ...base });
      return doubted(run, step, item.reason ?? 'reconcile could not tell', now);
  }
}

/** Said once is enough. */
function doubted(run: RunState, step: StepState, reason: string, now: Instant): RunEvent[] {
  return step.phase === 'unknown' ? [] : unknownEvents(run, step, reason, now);
}

/** An effect that made itself known after people were asked: they need not answer any more. */
function known(step: StepState, event: RunEvent): RunEvent[] {
  const { approval, n } = step;
  return approval === undefined ? [event] : [event, withdrawn({ approvalId: approval, step: n }, 'outcome')];
}

/** Whether an executor may report this: the one that the permit names; on a doubt, the one that has the run now. */
function reportable(run: RunState, step: StepState, executor: string, item: OutcomeItem): boolean {
  if (item.attempt !== step.attempt || step.phase === 'settled') return false;
  if (item.kind === 'reconciled' && step.phase === 'doubt') return run.executor === executor;
  return REPORTABLE.has(step.phase) && step.executor === executor;
}

const REPORTABLE: ReadonlySet<StepPhase> = new Set(['permitted', 'doubt', 'held', 'asked', 'unknown']);

function failed(step: StepState, attempt: number, error: ErrorRecord, now: Instant): RunEvent {
  const base = { v: 1, basis: 'outcome', step: step.n, attempt, data: { error } } as const;
  const failures = step.failures + 1;
  if (step.retry && error.retryable !== false && failures < step.retry.maxAttempts) {
    return { type: 'AttemptFailed', ...base, retryAt: now + backoff(step.retry, failures) };
  }
  return { type: 'StepFailed', ...base };
}

/** Milliseconds before the next attempt after `failures` failed ones: exponential, bounded. */
export function backoff({ initialMs, factor, maxMs }: RetryPolicy, failures: number): number {
  const grown = Math.min(Number.MAX_SAFE_INTEGER, factor ** (failures - 1)); // 0 times infinity is no number
  return Math.min(maxMs, Math.round(initialMs * grown));
}
