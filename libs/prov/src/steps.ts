import { type EventOf } from '@summit/events';
import { type Json } from '@summit/kernel';
import { decidedBy } from './decisions.ts';
import { permittedAction } from './permitted.ts';
import { isWait, type RunDraft } from './run-draft.ts';
import { type Facts } from './terms.ts';

/**
 * An intent. With its permit beside it, it is told by the attempt alone; where it waits (for people, for a paused
 * run) or is refused, it is an entity of its own.
 */
export function stepProposed(run: RunDraft, event: EventOf<'StepProposed'>): void {
  const { draft } = run;
  const { kind, step, data } = event;
  if (isWait(kind)) {
    const id = run.ids.attempt(run.runId, step, 0);
    const facts = { name: data?.name ?? kind, ...stepFacts(event), ...decidedBy(draft, event.basis) };
    draft.node('Wait', id, { facts });
    draft.edge(id, 'WAS_INFORMED_BY', run.id);
    return;
  }
  if (run.permitted.has(step)) return;
  const id = run.ids.proposal(run.runId, step);
  draft.payload('Proposal', id, data?.args, { name: nameOf(event), ...stepFacts(event) });
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  run.decided(event.basis, { activity: run.id, entity: id });
}

/** One attempt: activity of the executor, under the decision that allowed it. */
export function permitGranted(run: RunDraft, event: EventOf<'PermitGranted'>): void {
  const { draft, ids, runId } = run;
  const { step, attempt, executor, basis, actionHash } = event;
  const proposed = run.proposed.get(step);
  const args = event.data?.args ?? proposed?.data?.args;
  const id = draft.node('Attempt', ids.attempt(runId, step, attempt), {
    facts: {
      ...(proposed
        ? { name: nameOf(proposed), ...stepFacts(proposed) }
        : { name: `step ${String(step)}`, step, ...permittedAction(draft.commit, basis) }),
      run: run.id,
      attempt,
      actionHash,
      executor: ids.agent('executor', executor),
      ...(proposed || event.data ? draft.measure(args, 'args') : {}),
      ...decidedBy(draft, basis),
    },
  });
  draft.edge(id, 'WAS_INFORMED_BY', run.id);
  const answer = run.answers.get(step);
  if (answer !== undefined) {
    draft.edge(id, 'WAS_INFORMED_BY', ids.ofEvent(`${draft.commitId}.${String(answer)}`));
  }
  if (proposed) return;
  if (attempt > 1) draft.edge(id, 'WAS_INFORMED_BY', ids.attempt(runId, step, attempt - 1));
  else draft.edge(id, 'USED', ids.proposal(runId, step));
}

export function stepCompleted(run: RunDraft, event: EventOf<'StepCompleted'>): void {
  const { draft, ids, runId } = run;
  const { step, attempt, data, basis } = event;
  if (attempt === 0 && basis === 'timer') return; // a sleep has no result
  const id = ids.result(runId, step);
  draft.payload('Result', id, data?.output, { name: 'result', step, run: run.id });
  draft.edge(id, 'WAS_GENERATED_BY', ids.attempt(runId, step, attempt));
}

/** Any end of an attempt that is no result: an error, or a doubt whether the effect happened. */
export function attemptEnded(
  run: RunDraft,
  kind: 'Failure' | 'Doubt',
  { step, attempt }: { readonly step: number; readonly attempt: number },
  { name, error }: { readonly name: string; readonly error?: ErrorSaid | undefined },
): void {
  const { draft, ids, runId } = run;
  const id = draft.payload(kind, ids.ofEvent(draft.event), jsonOf(error), {
    name,
    step,
    run: run.id,
    ...(error && { code: error.code }),
  });
  draft.edge(id, 'WAS_GENERATED_BY', ids.attempt(runId, step, attempt));
}

export function stepDenied(run: RunDraft, event: EventOf<'StepDenied'>): void {
  const { draft, ids, runId } = run;
  const { step, basis, data } = event;
  const making = run.decided(basis, { activity: run.id });
  const id = draft.payload('Failure', ids.ofEvent(draft.event), jsonOf(data?.error), {
    name: 'denied',
    step,
    run: run.id,
    ...(data && { code: data.error.code }),
  });
  draft.edge(id, 'WAS_GENERATED_BY', making ?? run.id);
  if (run.waits(step)) draft.edge(id, 'WAS_DERIVED_FROM', ids.proposal(runId, step));
}

export function pureComputed(run: RunDraft, { count, basis, data }: EventOf<'PureComputed'>): void {
  const { draft } = run;
  const steps = data?.steps.map(({ stepKey, output }) => ({ stepKey, output }));
  const facts = {
    name: 'pure steps',
    count,
    run: run.id,
    ...decidedBy(draft, basis),
    ...draft.measure(steps),
  };
  const id = draft.node('PureSteps', run.ids.ofEvent(draft.event), { facts });
  draft.edge(id, 'WAS_INFORMED_BY', run.id);
}

interface ErrorSaid {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
}

/** An error as a payload; its members one by one, since an absent one is no JSON. */
export function jsonOf(error: ErrorSaid | undefined): Json | undefined {
  if (!error) return undefined;
  const { code, message, next } = error;
  return { code, message, ...(next !== undefined && { next }) };
}

/** The tool's name as people know it; where the key is gone, its digest. */
const nameOf = ({ data, tool, kind }: EventOf<'StepProposed'>): string =>
  data?.name ?? tool?.slice(0, 8) ?? kind;

/** `kind` is a word of every node: a store could not tell a step's from it. */
function stepFacts({ step, kind: stepKind, effect, tool }: EventOf<'StepProposed'>): Facts {
  return { step, stepKind, effect, ...(tool !== undefined && { tool }) };
}
