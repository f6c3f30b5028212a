import { type RunEvent } from '@summit/events';
import { type ErrorRecord, type Json } from '@summit/kernel';
import { viewOf } from '@summit/policy';
import { type FrameItem } from './frame.ts';
import { withdrawn } from './approval.ask.ts';
import { decide, type Part, type Planning, refused } from './frame.plan.ts';
import { refusal } from './run.proposal.ts';
import { runRequest } from './run.input.ts';
import { type RunState } from './run.state.ts';

/**
 * What becomes of effects without an outcome when a run ends. Its executor says the end only when nothing that it
 * began is under way, and begins nothing afterwards: what it was permitted and did not report never happened. What a
 * lost executor may have begun is unknown. // I4
 */
export function closingEvents(run: RunState, lost = false): RunEvent[] {
  return [
    ...effectEvents(run, lost),
    ...[...run.approvals.values()].map((approval) => withdrawn(approval, 'outcome')),
  ];
}

function effectEvents(run: RunState, lost: boolean): RunEvent[] {
  return run.open.values().flatMap(({ n, attempt, phase, effect }): RunEvent[] => {
    if (effect === 'pure') return [];
    if (phase === 'permitted' && !lost) {
      return [{ type: 'EffectNeverHappened', v: 1, basis: 'outcome', step: n, attempt }];
    }
    if (phase !== 'doubt' && phase !== 'permitted') return [];
    const data = { reason: 'the run ended before anybody could tell' };
    return [{ type: 'EffectUnknown', v: 1, basis: 'unknown', step: n, attempt, data }];
  });
}

/** A run ends without its executor's word: refused for good, or asked to stop while nobody holds it. */
export function endWithoutExecutor(run: RunState, error?: ErrorRecord): RunEvent[] {
  const end: RunEvent = error
    ? { type: 'RunFailed', v: 1, basis: 'denial', data: { error } }
    : { type: 'RunCancelled', v: 1, basis: 'expiry' };
  return [...closingEvents(run, true), end];
}

/**
 * Steps that this frame itself reported on are no longer open when the run ends. To be asked when all items of the
 * frame are planned.
 */
export function closing({ run, reported }: Planning, lost = false): RunEvent[] {
  return closingEvents(run, lost).filter(
    (event) => !('step' in event) || !reported.has(run.byNumber[event.step ?? -1]?.stepKey ?? ''),
  );
}

const ending = (planning: Planning, end: RunEvent): Part => ({
  fact: false,
  add(building) {
    building.events.push(...closing(planning), end);
    building.stopped = true;
  },
});

export function planComplete(planning: Planning, output: Json): Part {
  const { run, requests, asker, reserved } = planning;
  const action = { ...viewOf(output), kind: 'run.complete', name: run.workflow } as const;
  const request = runRequest(run, asker, action, reserved);
  const at = requests.push(request) - 1;
  return {
    fact: false,
    add(building) {
      const basis = decide(building, request, at);
      const error = refusal(building.answers[at], 'the run to complete');
      building.events.push(...closing(planning));
      if (error) building.events.push({ type: 'RunFailed', v: 1, basis, data: { error } });
      else building.events.push({ type: 'RunCompleted', v: 1, basis, data: { output } });
      building.stopped = true;
    },
  };
}

/**
 * The workflow threw. Where it threw the refusal that steps of a cancelled run get, it has stopped as it was asked to: an
 * executor that was cut off, or that replays, may meet the refusal before it hears of the cancel.
 */
export function planFail(planning: Planning, error: ErrorRecord): Part {
  if (planning.run.cancelRequested && error.code === 'RUN_CANCELLED') return planStopped(planning);
  return ending(planning, { type: 'RunFailed', v: 1, basis: 'failure', data: { error } });
}

/** A run that was asked to stop has stopped. */
export function planStopped(planning: Planning): Part {
  if (!planning.run.cancelRequested) throw refused(planning.run, 'it stopped without being asked to');
  return ending(planning, { type: 'RunCancelled', v: 1, basis: 'outcome' });
}

/** [C1.4] Code that no longer does what the history says stops its run, with both sides shown. */
export function planDiverged(planning: Planning, item: Extract<FrameItem, { kind: 'diverged' }>): Part {
  const { stepKey, recorded: was, proposed } = item;
  const error: ErrorRecord = {
    code: 'RUN_DIVERGED',
    message: `the workflow's code no longer follows its history at ${stepKey}`,
    next: 'Deploy the version that began the run, or fork it from the step before.',
    retryable: false,
  };
  const end = ending(planning, { type: 'RunFailed', v: 1, basis: 'divergence', data: { error } });
  return {
    fact: true,
    add(building) {
      const data = { stepKey, recorded: was, proposed };
      building.events.push({ type: 'RunDiverged', v: 1, basis: 'divergence', data });
      end.add(building);
    },
  };
}
