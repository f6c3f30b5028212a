/**
 * What a commit changes in the tables. Pure: the same commit, the same rows, whatever was there. // I7
 *
 * Only the clear part of a commit is read, and of `RunCreated` the workflow's name, which becomes a surrogate: an erased
 * commit gives the same rows without it.
 */
import { type EventOf, type StepKind } from '@summit/events';
import { approvalChanges } from './changes.approval.ts';
import {
  type Change,
  eventId,
  lineOf,
  type Occurrence,
  type PlacedCommit,
  runOf,
  type Surrogate,
} from './occurrence.ts';
import { stepChanges, stepOf } from './changes.step.ts';
import { type RowOf } from './tables.ts';

/** Rows in the order in which they are to be merged: later ones of a key complete the earlier. */
export function changesOf(placed: PlacedCommit, surrogate: Surrogate): Change[] {
  const changes = placed.commit.decisions.map((_, n) => decisionRow(placed, n));
  for (const [n, event] of placed.commit.events.entries()) {
    changes.push(...changesOfEvent({ ...placed, event, n, causedBy: eventId(placed, n) }, surrogate));
  }
  const last = runRow(placed);
  return last ? [...changes, last] : changes;
}

/** Of the event that it entitles; of the commit's first where it entitles none. */
function decisionRow(placed: PlacedCommit, n: number): Change {
  const { id, commit } = placed;
  const { tenant, entity, actor, at, decisions, events } = commit;
  const entitled = events.findIndex(({ basis }) => basis === n);
  const row = {
    ...{ tenant, commit_id: id, n, entity_kind: entity.kind, entity_id: entity.id, actor: actor.id, at },
    ...{ entry: decisions[n]?.entry, verdict: decisions[n]?.verdict, policy: decisions[n]?.policy },
    caused_by: eventId(placed, Math.max(0, entitled)),
  };
  return { table: 'decisions', row };
}

/** Each commit of a run moves its version. */
function runRow(placed: PlacedCommit): Change | undefined {
  const { tenant, entity, version, at, events } = placed.commit;
  if (entity.kind !== 'run') return undefined;
  const caused_by = eventId(placed, Math.max(0, events.length - 1));
  return { table: 'runs', row: { tenant, run_id: entity.id, version, updated_at: at, caused_by } };
}

function changesOfEvent(at: Occurrence, surrogate: Surrogate): Change[] {
  const { event } = at;
  switch (event.type) {
    case 'RunCreated':
      return runCreated({ ...at, event }, surrogate);
    case 'RunAssigned':
      return [runOf(at, { status: 'running', executor: event.executor })];
    case 'RunPaused':
      return [runOf(at, { paused: true })];
    case 'RunResumed':
      return [runOf(at, { paused: false })];
    case 'RunCompleted':
      return runEnded(at, 'completed');
    case 'RunFailed':
      return runEnded(at, 'failed');
    case 'RunCancelled':
      return runEnded(at, 'cancelled');
    case 'ThreadCreated':
      return [threadOf(at, at.commit.entity.id, {}), lineOf(at)];
    case 'MessageAppended':
      return messageAppended({ ...at, event });
    case 'StatePatched':
      return statePatched({ ...at, event });
    default:
      return [...stepChanges(at, event), ...approvalChanges(at, event)];
  }
}

function runCreated(at: Occurrence<EventOf<'RunCreated'>>, surrogate: Surrogate): Change[] {
  const { commit, partition, id, event } = at;
  const { tenant, entity, actor } = commit;
  const run = runOf(at, {
    ...{ partition, thread: event.thread, started_by: actor.id, status: 'pending', paused: false },
    ...(event.data && { workflow: surrogate(tenant, 'workflow', event.data.workflow) }),
    ...{ created_at: commit.at, created_in: id },
  });
  return [run, threadOf(at, event.thread, { last_run: entity.id }), lineOf(at)];
}

function threadOf(at: Occurrence, thread: string, more: Partial<RowOf<'threads'>>): Change {
  const { commit, partition, id, causedBy } = at;
  const times = { created_at: commit.at, updated_at: commit.at, created_in: id };
  const row = { tenant: commit.tenant, thread, partition, ...times, ...more, caused_by: causedBy };
  return { table: 'threads', row };
}

function runEnded(at: Occurrence, status: 'completed' | 'failed' | 'cancelled'): Change[] {
  return [runOf(at, { status, paused: false, ended_at: at.commit.at, ended_in: at.id }), lineOf(at)];
}

function messageAppended(at: Occurrence<EventOf<'MessageAppended'>>): Change[] {
  const { commit, id, n, event, causedBy } = at;
  const { index, role } = event;
  const key = { tenant: commit.tenant, run_id: commit.entity.id, index };
  const row = { ...key, role, at: commit.at, commit_id: id, n, caused_by: causedBy };
  return [{ table: 'messages', row }, lineOf(at)];
}

function statePatched(at: Occurrence<EventOf<'StatePatched'>>): Change[] {
  const { commit, id, n, event, causedBy } = at;
  const { tenant, entity, actor } = commit;
  const changes: Change[] = [lineOf(at)];
  const of = { entity_kind: entity.kind, entity_id: entity.id };
  const what = { state_version: event.stateVersion, actor: actor.id, at: commit.at, caused_by: causedBy };
  changes.push({ table: 'state_versions', row: { tenant, commit_id: id, n, ...of, ...what } });
  if (event.step === undefined) return changes;
  const kind: StepKind = 'patch';
  const proposed = {
    kind,
    effect: 'pure',
    action_hash: event.actionHash,
    proposed_at: commit.at,
    proposed_in: id,
  };
  changes.push(
    stepOf(at, event.step, { ...proposed, phase: 'completed', attempt: 0, settled_at: commit.at }),
  );
  return changes;
}
