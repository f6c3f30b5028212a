import { type AnyEvent, type EventOf } from '@summit/events';
import { type Json } from '@summit/kernel';
import { actorOf, executorOf } from './agents.ts';
import { mapApprovalEvent } from './approvals.ts';
import { decidedBy } from './decisions.ts';
import { messageAppended } from './messages.ts';
import { type RunDraft } from './run-draft.ts';
import { statePatched } from './state.ts';
import { attemptEnded, jsonOf, permitGranted, pureComputed } from './steps.ts';
import { stepCompleted, stepDenied, stepProposed } from './steps.ts';

/** What an event of a run says of its provenance; nothing for those that only steer. */
export function mapRunEvent(run: RunDraft, event: AnyEvent): void {
  switch (event.type) {
    case 'RunCreated':
      runCreated(run, event);
      return;
    case 'RunAssigned':
      runAssigned(run, event);
      return;
    case 'StepProposed':
      stepProposed(run, event);
      return;
    case 'PermitGranted':
      permitGranted(run, event);
      return;
    case 'StepDenied':
      stepDenied(run, event);
      return;
    case 'StepCompleted':
      stepCompleted(run, event);
      return;
    case 'AttemptFailed':
    case 'StepFailed':
      attemptEnded(run, 'Failure', event, { name: 'failed', error: event.data?.error });
      return;
    case 'EffectUnknown':
      attemptEnded(run, 'Doubt', event, { name: 'effect unknown' });
      return;
    case 'EffectNeverHappened':
      attemptEnded(run, 'Doubt', event, { name: 'effect never happened' });
      return;
    case 'PureComputed':
      pureComputed(run, event);
      return;
    case 'StatePatched':
      statePatched(run, event);
      return;
    case 'SignalReceived':
      signalReceived(run, event);
      return;
    case 'RunPaused':
    case 'RunResumed':
    case 'RunCancelRequested':
      commanded(run, event);
      return;
    case 'RunCompleted':
      runCompleted(run, event);
      return;
    case 'RunFailed':
      runFailed(run, event.data?.error.code, jsonOf(event.data?.error));
      return;
    case 'RunCancelled':
      run.draft.change(run.id, { status: 'cancelled', ended: run.draft.at });
      return;
    case 'MessageAppended':
      messageAppended(run, event);
      return;
    default:
      mapApprovalEvent(run, event); // what is none either steers, and brings nothing about
  }
}

/** Run ← who asked for it, its input, the decision that let it start, the code it follows. */
function runCreated(run: RunDraft, { thread, data, basis }: EventOf<'RunCreated'>): void {
  const { draft, ids, runId } = run;
  const { key } = draft.commit;
  const facts = {
    name: data?.workflow ?? 'run',
    run: run.id,
    status: 'running',
    thread: key,
    surrogate: thread,
  };
  const workflow = data ? workflowNode(run, data.workflow, data.version) : undefined;
  const plan = workflow === undefined ? {} : { workflow };
  draft.node('Run', run.id, { facts: { ...facts, ...plan, ...(data && { version: data.version }) } });
  const actor = actorOf(draft);
  draft.edge(run.id, 'WAS_ASSOCIATED_WITH', actor, { facts: { role: 'requester' } });
  if (workflow !== undefined) draft.edge(run.id, 'HAD_PLAN', workflow);
  const input = draft.payload('Input', ids.input(runId), data?.input, { name: 'input', run: run.id });
  draft.edge(run.id, 'USED', input);
  draft.edge(input, 'WAS_ATTRIBUTED_TO', actor);
  if (typeof basis !== 'number' || run.decided(basis, { entity: input }) === undefined) return;
  draft.edge(run.id, 'USED', ids.decision(draft.commitId, basis));
}

function workflowNode({ draft, ids }: RunDraft, name: string, version: string): string {
  return draft.node('Workflow', ids.workflow(name, version), { facts: { name, version }, shared: true });
}

function runAssigned(run: RunDraft, { executor, leaderEpoch, assignment }: EventOf<'RunAssigned'>): void {
  const { draft } = run;
  const created = draft.commit.events.find((event) => event.type === 'RunCreated')?.data;
  const plan = created ? { plan: run.ids.workflow(created.workflow, created.version) } : {};
  draft.edge(run.id, 'WAS_ASSOCIATED_WITH', executorOf(draft, executor), {
    facts: { role: 'executor', leaderEpoch, assignment, ...plan },
  });
}

function signalReceived(run: RunDraft, { data, basis }: EventOf<'SignalReceived'>): void {
  const { draft, ids } = run;
  const facts = { name: data?.name ?? 'signal', run: run.id, ...decidedBy(draft, basis) };
  const id = draft.payload('Signal', ids.ofEvent(draft.event), data?.payload, facts);
  draft.edge(id, 'WAS_ATTRIBUTED_TO', actorOf(draft));
  draft.edge(run.id, 'USED', id);
}

const COMMANDS = { RunPaused: 'pause', RunResumed: 'resume', RunCancelRequested: 'cancel' } as const;

/** Somebody steered the run. */
function commanded(run: RunDraft, { type, basis }: EventOf<keyof typeof COMMANDS>): void {
  const { draft, ids } = run;
  const facts = { name: COMMANDS[type], run: run.id, ...decidedBy(draft, basis) };
  const id = draft.node('Command', ids.ofEvent(draft.event), { facts });
  draft.edge(id, 'WAS_ASSOCIATED_WITH', actorOf(draft));
  draft.edge(run.id, 'WAS_INFORMED_BY', id);
}

function runCompleted(run: RunDraft, { data, basis }: EventOf<'RunCompleted'>): void {
  const { draft, ids, runId } = run;
  const facts = { name: 'output', run: run.id, ...decidedBy(draft, basis) };
  const id = draft.payload('Output', ids.output(runId), data?.output, facts);
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  draft.change(run.id, { status: 'completed', ended: draft.at });
}

function runFailed(run: RunDraft, code: string | undefined, error: Json | undefined): void {
  const { draft, ids } = run;
  const facts = { name: 'failed', run: run.id, ...(code !== undefined && { code }) };
  const id = draft.payload('Failure', ids.ofEvent(draft.event), error, facts);
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  draft.change(run.id, { status: 'failed', ended: draft.at });
}
