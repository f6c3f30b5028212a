import { type RunEvent } from '@summit/events';
import {
  type Frame,
  frameCause,
  endWithoutExecutor,
  isFinished,
  outcomeEvents,
  planFrame,
  planUpkeep,
  type RunState,
} from '@summit/engine';
import { errorRecord, hasCode, SummitError } from '@summit/kernel';
import { type Desk, type Task, task, type Work } from './desk.ts';
import { addressOf, doubtsOf, resyncOf } from './updates.ts';

/** Refusals in a row of one coroutine's frames, or of one piece of work, after which its run is given up. */
const REFUSALS = 3;

/** A frame: decided and recorded whole, or refused whole. */
export function frameWork(desk: Desk, frame: Frame, refusals: Map<string, number>): Work {
  const { runId, executor } = frame;
  const live = (): RunState | undefined => {
    const run = desk.run(runId);
    return run?.tenant === frame.tenant ? run : undefined; // I8
  };
  return {
    entity: runId,
    plan() {
      const run = live();
      if (!run) {
        desk.post(executor, { tenant: frame.tenant, runId, epoch: frame.epoch, drop: true });
        return undefined;
      }
      if (frame.number === 0 || !isOfCoroutine(run, frame)) {
        recordLate(desk, run, frame);
        return undefined;
      }
      if (!isCurrent(run, frame) || frame.number !== run.frame + 1) {
        desk.post(executor, resyncOf(run)); // sent again, or one before it was lost: it says what it has not heard
        return undefined;
      }
      const actor = { kind: 'executor', id: executor } as const;
      return task(planFrame(run, frame, desk.asker(executor), desk.scopeOf(run)), (draft) => {
        const causationId = frameCause(frame.epoch.assignment, frame.number);
        desk.record(run, draft, { actor, causationId, trace: run.trace }, frame.number);
        refusals.delete(runId);
        if (!isFinished(run) && desk.wantsPermit(run)) desk.enqueue(upkeepWork(desk, runId));
      });
    },
    refuse(error) {
      const run = live();
      if (!run) return;
      desk.log.warn({ runId, code: errorRecord(error).code, frame: frame.number }, 'frame refused');
      const count = (refusals.get(runId) ?? 0) + 1;
      refusals.set(runId, count);
      const final = isTooLarge(error) ? tooLarge(error) : count >= REFUSALS ? error : undefined;
      if (final !== undefined) {
        refusals.delete(runId);
        giveUp(desk, run, final, 'frame-refused');
      } else desk.enqueue(assignWork(desk, runId, 'anew'));
    },
  };
}

/**
 * Work of the leader's own is tried again, then its run is given up. Nobody else would ask for it again: the run would
 * say for ever that it goes on.
 */
function tryAgain(desk: Desk, runId: string, error: unknown, refusals: number, again: () => Work): void {
  const run = desk.run(runId);
  if (!run || isFinished(run)) return;
  desk.log.error({ runId, err: error }, 'work on a run refused');
  if (isTooLarge(error) || refusals + 1 >= REFUSALS) giveUp(desk, run, error, 'work-refused');
  else desk.enqueue(again());
}

const isTooLarge = (error: unknown): boolean =>
  hasCode(error, 'COMMIT_TOO_LARGE') || hasCode(error, 'PAYLOAD_TOO_LARGE');

/** [C1.1] The run says why it ended; the partition goes on. */
function giveUp(desk: Desk, run: RunState, error: unknown, why: string): void {
  const events = endWithoutExecutor(run, { ...errorRecord(error), retryable: false });
  desk.record(run, { decisions: [], events }, leaderCause(desk, run, why));
}

const tooLarge = (error: unknown): Error =>
  new FrameTooLarge(
    'FRAME_TOO_LARGE',
    `one frame of the run is larger than may be: ${errorRecord(error).message}`,
    'Return less from a step, or split it: large results belong in a store of their own.',
  );

class FrameTooLarge extends SummitError {
  readonly retryable = false;
}

function isCurrent(run: RunState, { epoch, executor }: Frame): boolean {
  return (
    run.executor === executor &&
    run.epoch?.leader === epoch.leader &&
    run.epoch.assignment === epoch.assignment
  );
}

/** Whether a frame is of the coroutine that has the run, in whichever epoch it was sent. */
function isOfCoroutine(run: RunState, { epoch, executor }: Frame): boolean {
  return run.executor === executor && epoch.assignment >= run.coroutine;
}

/** From an old epoch only outcomes count: what happened is not lost. Everything else of it never was. // C1.3 */
function recordLate(desk: Desk, run: RunState, frame: Frame): void {
  const now = desk.ledger.now();
  const told = new Set<string>();
  const events = frame.items.flatMap((item): RunEvent[] => {
    if (item.kind !== 'outcome' && item.kind !== 'failure' && item.kind !== 'reconciled') return [];
    if (told.has(item.stepKey)) return [];
    told.add(item.stepKey);
    return outcomeEvents(run, frame.executor, item, now, true);
  });
  if (events.length > 0) {
    const causationId = `late:${String(frame.epoch.assignment)}.${String(frame.number)}`;
    const actor = { kind: 'executor', id: frame.executor } as const;
    desk.record(run, { decisions: [], events }, { actor, causationId, trace: run.trace });
    if (desk.wantsPermit(run)) desk.enqueue(upkeepWork(desk, run.runId));
  }
  if (run.executor !== frame.executor)
    desk.post(frame.executor, { ...addressOf(run), epoch: frame.epoch, drop: true });
}

/** A fact is recorded without asking policy. */
const factTask = (conclude: () => void): Task => ({ requests: [], conclude });

const leaderCause = (desk: Desk, run: RunState, why: string) =>
  ({ actor: desk.ledger.actor, causationId: `leader:${why}`, trace: run.trace }) as const;

/** Timers, permits that are wanted, attempts in doubt. */
export function upkeepWork(desk: Desk, runId: string, refusals = 0): Work {
  return {
    entity: runId,
    plan() {
      const run = desk.run(runId);
      if (!run || isFinished(run)) return undefined;
      const reachable = desk.executors.reaches(run.executor);
      const plan = planUpkeep(run, desk.asker(run.executor ?? ''), desk.scopeOf(run), reachable);
      return task(plan, (draft) => {
        if (draft.events.length > 0) desk.record(run, draft, leaderCause(desk, run, 'upkeep'));
        askAboutDoubts(desk, run);
      });
    },
    refuse(error) {
      tryAgain(desk, runId, error, refusals, () => upkeepWork(desk, runId, refusals + 1));
    },
  };
}

function askAboutDoubts(desk: Desk, run: RunState): void {
  const doubts = doubtsOf(run, desk.ledger.now());
  if (doubts.length > 0 && run.executor !== undefined) desk.post(run.executor, { ...addressOf(run), doubts });
}

/**
 * - `orphan`: nobody holds the run.
 * - `anew`: whoever holds it, its coroutine is confused.
 * - `not begun`: its executor does not know of it; unless a frame came meanwhile.
 */
type Why = 'orphan' | 'anew' | 'not begun';

function isToBeAssigned(desk: Desk, run: RunState, why: Why): boolean {
  if (isFinished(run) || desk.scopeOf(run).thread.active !== run.runId) return false;
  if (run.status === 'pending' && run.approvals.size > 0) return false; // people are asked whether it may begin
  if (why === 'orphan') return run.executor === undefined || !desk.executors.get(run.executor);
  return why === 'anew' || run.frame === 0;
}

/** Gives the run to an executor, with a new coroutine: the first time, or because the last one is gone or confused. */
export function assignWork(desk: Desk, runId: string, why: Why = 'orphan', refusals = 0): Work {
  return {
    entity: runId,
    plan() {
      const run = desk.run(runId);
      if (!run || !isToBeAssigned(desk, run, why)) return undefined;
      const chosen = desk.executors.choose(run);
      if (!chosen) return undefined;
      return factTask(() => {
        giveTo(desk, run, chosen.id);
      });
    },
    refuse(error) {
      tryAgain(desk, runId, error, refusals, () => assignWork(desk, runId, why, refusals + 1));
    },
  };
}

function giveTo(desk: Desk, run: RunState, executor: string): void {
  const { runId, tenant, executor: before } = run;
  desk.executors.release(before, runId);
  if (before !== undefined && before !== executor && desk.executors.get(before)) {
    desk.post(before, { ...addressOf(run), tenant, drop: true });
  }
  const events = [assigned(desk, run, executor, false)];
  desk.record(run, { decisions: [], events }, leaderCause(desk, run, 'assignment'));
  desk.executors.hold(executor, runId);
  desk.enqueue(upkeepWork(desk, runId));
}

/** A run that was asked to stop ends without its executor, where that is gone. */
export function endWork(desk: Desk, runId: string, refusals = 0): Work {
  return {
    entity: runId,
    plan() {
      const run = desk.run(runId);
      const { executors } = desk;
      if (!run?.cancelRequested || !executors.complete || executors.get(run.executor ?? '')) return undefined;
      return factTask(() => {
        desk.record(
          run,
          { decisions: [], events: endWithoutExecutor(run) },
          leaderCause(desk, run, 'cancelled'),
        );
      });
    },
    refuse(error) {
      tryAgain(desk, runId, error, refusals, () => endWork(desk, runId, refusals + 1));
    },
  };
}

/** An executor that kept its coroutine goes on with it under a new epoch. */
export function keepWork(desk: Desk, runId: string, executor: string): Work {
  return {
    entity: runId,
    plan() {
      const run = desk.run(runId);
      if (run?.executor !== executor || isFinished(run)) return undefined;
      return factTask(() => {
        const events = [assigned(desk, run, executor, true)];
        desk.record(run, { decisions: [], events }, leaderCause(desk, run, 'kept'));
        desk.executors.hold(executor, runId);
        desk.post(executor, resyncOf(run));
        desk.enqueue(upkeepWork(desk, runId));
      });
    },
    refuse(error) {
      tryAgain(desk, runId, error, 0, () => assignWork(desk, runId, 'anew', 1));
    },
  };
}

export function assigned(desk: Desk, run: RunState | undefined, executor: string, kept: boolean): RunEvent {
  const assignment = (run?.epoch?.assignment ?? 0) + 1;
  return {
    type: 'RunAssigned',
    v: 1,
    basis: 'assignment',
    executor,
    leaderEpoch: desk.ledger.epoch,
    assignment,
    kept,
  };
}
