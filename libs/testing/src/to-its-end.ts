import { isFinished, nextDue, type RunState, type StepPhase } from '@summit/engine';
import { TerminalError } from '@summit/kernel';
import { type House } from './house.ts';
import { type Outsiders } from './outsiders.ts';

/** How often an attempt that is under way is looked at, milliseconds. */
const LOOK_MS = 5;

/** Steps of which nothing is under way. */
const RESTING: ReadonlySet<StepPhase> = new Set(['waiting', 'asked', 'backoff', 'unknown']);

/**
 * Goes on until the run has ended, or waits for what neither the test nor time brings. Time is skipped only while
 * nothing of the run is under way. Throws `TEST_TIMED_OUT` after `deadlineMs` of the machine's time.
 */
export async function toItsEnd(
  house: House,
  outsiders: Outsiders,
  runId: string,
  deadlineMs: number,
): Promise<RunState> {
  const began = performance.now();
  for (;;) {
    await house.still();
    const run = await house.run(runId);
    if (run && isFinished(run)) return run;
    if (performance.now() - began > deadlineMs) throw timedOut(run, deadlineMs);
    if (!run || !rests(run)) await look();
    else if (!(await outsiders.act(run))) {
      const due = nextDue(run);
      if (due === undefined) return run;
      house.clock.skipTo(due);
      await look(); // the leader sees it at its next tick
    }
  }
}

const look = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

function rests({ open, approvals }: RunState): boolean {
  if (open.size === 0) return approvals.size > 0; // else its code is at work, or asked before it begins
  return open.values().every(({ phase }) => RESTING.has(phase));
}

function timedOut(run: RunState | undefined, deadlineMs: number): TerminalError {
  const open = (run?.open.values() ?? []).map(({ stepKey, phase }) => `${stepKey} (${phase})`).join(', ');
  return new TerminalError(
    'TEST_TIMED_OUT',
    `the run did not end within ${String(deadlineMs)} ms; open: ${open || 'no step'}`,
    'Let a stand-in answer for what is slow, or give it more time: deadlineMs.',
  );
}
