import { isFinished, type RunState, waitingFor } from '@summit/engine';
import { type Instant, type Json } from '@summit/kernel';
import { type Asked, type TestedRun, type TestedStep } from './tested-run.ts';

/** What a test sees of a run. `until`: when it was looked at, by the run's time. */
export function resultOf(run: RunState, asked: readonly Asked[], state: Json, until: Instant): TestedRun {
  const { output, error, createdAt } = run;
  const waits = waitingFor(run) ?? [];
  return {
    status: statusOf(run),
    output,
    error,
    waitingFor: waits,
    steps: stepsOf(run),
    asked,
    state,
    tookMs: until - createdAt,
  };
}

function statusOf(run: RunState): TestedRun['status'] {
  const { status } = run;
  return isFinished(run) && status !== 'pending' && status !== 'running' ? status : 'waiting';
}

function stepsOf({ byNumber, history }: RunState): TestedStep[] {
  const results = new Map<string, TestedStep['result']>();
  for (const item of history) {
    if (item.t === 'outcome') results.set(item.stepKey, { output: item.output });
    else if (item.t === 'settled')
      results.set(
        item.stepKey,
        item.result.ok ? { output: item.result.output } : { error: item.result.error },
      );
  }
  return byNumber.map(({ stepKey, kind, name, attempt }) => {
    return { key: stepKey, kind, name, attempts: attempt, result: results.get(stepKey) };
  });
}
