import { type AnyEvent, type EventOf } from '@summit/events';
import { type Change, lineOf, type Occurrence } from './occurrence.ts';
import { type RowOf } from './tables.ts';

/** What an event changes in the row of a step. Pure. */
export function stepChanges(at: Occurrence, event: AnyEvent): Change[] {
  const settled_at = at.commit.at;
  switch (event.type) {
    case 'StepProposed':
      return stepProposed({ ...at, event });
    case 'PermitGranted': {
      const { attempt, executor } = event;
      return [stepOf(at, event.step, { phase: 'permitted', attempt, executor })];
    }
    case 'StepCompleted':
      return [stepOf(at, event.step, { phase: 'completed', settled_at })];
    case 'StepFailed':
      return [stepOf(at, event.step, { phase: 'failed', settled_at })];
    case 'StepDenied':
      return [stepOf(at, event.step, { phase: 'denied', settled_at })];
    case 'AttemptFailed':
      return [stepOf(at, event.step, { phase: 'backoff' })];
    case 'EffectUnknown':
      return [stepOf(at, event.step, { phase: 'unknown' })];
    case 'EffectNeverHappened':
      return [stepOf(at, event.step, { phase: 'held' })];
    default:
      return []; // no row tells of it
  }
}

/** What waits for somebody outside is named to people: its line is kept. */
function stepProposed(at: Occurrence<EventOf<'StepProposed'>>): Change[] {
  const { commit, id, event } = at;
  const { step, kind, effect, tool, actionHash } = event;
  const waits = kind === 'sleep' || kind === 'signal';
  const what = { kind, effect, tool, action_hash: actionHash, phase: waits ? 'waiting' : 'held', attempt: 0 };
  const row = stepOf(at, step, { ...what, proposed_at: commit.at, proposed_in: id });
  return kind === 'signal' ? [row, lineOf(at)] : [row];
}

/** A step's row, as the event leaves it. */
export function stepOf(
  { commit, causedBy }: Occurrence,
  step: number,
  more: Partial<RowOf<'steps'>>,
): Change {
  const key = { tenant: commit.tenant, run_id: commit.entity.id, step };
  return { table: 'steps', row: { ...key, ...more, caused_by: causedBy } };
}
