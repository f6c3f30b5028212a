import { type Basis, type RunEvent } from '@summit/events';
import { ConflictError, type ErrorRecord, type Json, RefusedError } from '@summit/kernel';
import { type PolicyAction, viewOf } from '@summit/policy';
import { withdrawn } from './approval.ask.ts';
import { type Asker, type Draft, type Plan, recorded } from './plan.ts';
import { runRequest } from './run.input.ts';
import { refusal } from './run.proposal.ts';
import { isFinished, type RunState } from './run.state.ts';

/** What people ask of a run that exists. */
export type RunCommand =
  | { readonly verb: 'signal'; readonly name: string; readonly payload: Json }
  | { readonly verb: 'pause' }
  | { readonly verb: 'resume' }
  | { readonly verb: 'cancel'; readonly reason: string };

/** A command that policy denied; the record of it goes onto the caller's tenant. */
export class CommandRefused extends RefusedError {
  readonly draft: Pick<Draft, 'decisions'>;
  constructor(error: ErrorRecord, draft: Pick<Draft, 'decisions'>) {
    super(error.code, error.message, error.next ?? 'Ask whoever owns the policy.');
    this.draft = draft;
  }
}

/** Plans a command on a run. Throws {@link ConflictError} where the run's state does not allow it. */
export function planCommand(run: RunState, command: RunCommand, asker: Asker): Plan {
  if (isFinished(run)) {
    throw new ConflictError('RUN_FINISHED', `run ${run.runId} has ${run.status}`, 'Start a new run.');
  }
  return decided(run, actionOf(run, command), asker, (basis) => eventsOf(run, command, basis));
}

function decided(
  run: RunState,
  action: PolicyAction,
  asker: Asker,
  events: (basis: Basis) => RunEvent[],
): Plan {
  const request = runRequest(run, asker, action);
  return {
    requests: [request],
    conclude([answer]) {
      const decisions = answer ? [recorded(request, answer)] : [];
      const error = refusal(answer, action.kind);
      if (error) throw new CommandRefused(error, { decisions });
      return { decisions, events: events(0) };
    },
  };
}

function actionOf(run: RunState, command: RunCommand): PolicyAction {
  switch (command.verb) {
    case 'signal':
      return { kind: 'run.signal', name: command.name, ...viewOf(command.payload) };
    case 'cancel':
      return { kind: 'run.cancel', name: run.workflow, reason: command.reason };
    case 'pause':
      return { kind: 'run.pause', name: run.workflow };
    case 'resume':
      return { kind: 'run.resume', name: run.workflow };
  }
}

function eventsOf(run: RunState, command: RunCommand, basis: Basis): RunEvent[] {
  switch (command.verb) {
    case 'signal':
      return signalEvents(run, command.name, command.payload, basis);
    case 'pause':
      return run.paused ? [] : [{ type: 'RunPaused', v: 1, basis }];
    case 'resume':
      return run.paused ? [{ type: 'RunResumed', v: 1, basis }] : [];
    case 'cancel':
      return cancelEvents(run, command.reason, basis);
  }
}

function signalEvents(run: RunState, name: string, payload: Json, basis: Basis): RunEvent[] {
  const received: RunEvent = { type: 'SignalReceived', v: 1, basis, data: { name, payload } };
  const waiting = run.open
    .values()
    .find((step) => step.kind === 'signal' && step.name === name && step.phase === 'waiting');
  if (!waiting) return [received];
  return [
    received,
    { type: 'StepCompleted', v: 1, basis, step: waiting.n, attempt: 0, data: { output: payload } },
  ];
}

/** A run that no executor holds is cancelled at once; else its executor stops it and says what became of attempts. */
function cancelEvents(run: RunState, reason: string, basis: Basis): RunEvent[] {
  if (run.cancelRequested) return [];
  const requested: RunEvent = { type: 'RunCancelRequested', v: 1, basis, data: { reason } };
  const questions = [...run.approvals.values()].map((approval) => withdrawn(approval, basis));
  if (run.executor !== undefined) return [requested, ...questions];
  return [requested, ...questions, { type: 'RunCancelled', v: 1, basis }];
}
