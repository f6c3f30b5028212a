/** What a stream says of each event of a run. Pure; `run` is the fold after the event. */
import { type RunState } from '@summit/engine';
import { type Decision, type EventOf, type RunEvent } from '@summit/events';
import { type ErrorRecord } from '@summit/kernel';
import { approvalBodies } from './approval-bodies.ts';
import { type StreamBody } from './stream-event.ts';

/** What stands for data whose key was destroyed. */
export const ERASED = '(erased)';
const ERASED_ERROR: ErrorRecord = { code: 'ERASED', message: ERASED };

/** A decision is told once, before the first event that rests on it. */
export function decisionBody(run: RunState, decision: Decision, event: RunEvent): StreamBody {
  const { verdict, entry, policy, reasons = [] } = decision;
  const step = 'step' in event && event.step !== undefined ? { stepId: stepOf(run, event.step).stepId } : {};
  return { type: 'decision', verdict, entry, policy, reasons, ...step };
}

/** Events of the runtime's own bookkeeping (assignments, deliveries, messages) say nothing. `by`: who acted. */
export function runEventBodies(run: RunState, event: RunEvent, by: string): StreamBody[] {
  switch (event.type) {
    case 'RunCreated': {
      const { workflow, workflowVersion: version, input, startedBy } = run;
      return [{ type: 'run_start', workflow, version, input, startedBy }];
    }
    case 'StepProposed':
      return [{ type: 'step_start', ...stepOf(run, event.step) }];
    case 'PermitGranted':
      return permitted(run, event);
    case 'StepCompleted':
      return completed(run, event);
    case 'AttemptFailed':
    case 'StepFailed':
      return failed(run, event);
    case 'StepDenied':
      return [{ type: 'step_failed', ...stepOf(run, event.step), error: event.data?.error ?? ERASED_ERROR }];
    case 'PureComputed':
      return (event.data?.steps ?? []).map(({ stepKey, output }) => {
        return { type: 'step_complete', stepId: stepKey, kind: 'pure', name: stepKey, output };
      });
    case 'StatePatched':
      return [patched(event)];
    case 'EffectUnknown': {
      const { stepId, name } = stepOf(run, event.step);
      const reason = event.data?.reason ?? ERASED;
      return [{ type: 'effect_unknown', stepId, attempt: event.attempt, name, reason }];
    }
    case 'ApprovalRequested':
    case 'ApprovalAmended':
    case 'ApprovalEscalated':
    case 'ApprovalDecided':
    case 'ApprovalExpired':
    case 'ApprovalWithdrawn':
      return approvalBodies(run, event, by);
    case 'RunCompleted':
      return [{ type: 'run_complete', output: event.data?.output ?? null }];
    case 'RunFailed':
      return [{ type: 'run_failed', error: event.data?.error ?? ERASED_ERROR }];
    case 'RunCancelled':
      return [{ type: 'run_cancelled' }];
    default:
      return [];
  }
}

interface StepName {
  readonly stepId: string;
  readonly kind: string;
  readonly name: string;
}

function stepOf(run: RunState, n: number): StepName {
  const step = run.byNumber[n];
  if (!step) return { stepId: `${ERASED}#${String(n)}`, kind: 'step', name: ERASED };
  return { stepId: step.stepKey, kind: step.kind, name: step.name };
}

function permitted(run: RunState, { step, attempt }: EventOf<'PermitGranted'>): StreamBody[] {
  const { stepId, kind, name } = stepOf(run, step);
  if (kind === 'model') return [{ type: 'model_start', stepId, attempt, name }];
  if (kind !== 'tool') return [];
  return [{ type: 'tool_call', stepId, attempt, name, args: run.byNumber[step]?.args ?? null }];
}

function completed(run: RunState, { step, attempt, data }: EventOf<'StepCompleted'>): StreamBody[] {
  const { stepId, kind, name } = stepOf(run, step);
  const output = data?.output ?? null;
  const whole: StreamBody = { type: 'step_complete', stepId, kind, name, output };
  if (kind === 'tool') return [{ type: 'tool_result', stepId, attempt, name, output }, whole];
  if (kind === 'model') return [{ type: 'model_complete', stepId, attempt, name, output }, whole];
  return [whole];
}

function failed(run: RunState, event: EventOf<'AttemptFailed'> | EventOf<'StepFailed'>): StreamBody[] {
  const { stepId, kind, name } = stepOf(run, event.step);
  const { attempt } = event;
  const error = event.data?.error ?? ERASED_ERROR;
  const failure = { error, ...(event.type === 'AttemptFailed' && { retryAt: event.retryAt }) };
  const bodies: StreamBody[] = [];
  if (kind === 'tool') bodies.push({ type: 'tool_result', stepId, attempt, name, ...failure });
  if (kind === 'model') bodies.push({ type: 'model_complete', stepId, attempt, name, ...failure });
  if (event.type === 'StepFailed' || bodies.length === 0) {
    bodies.push({ type: 'step_failed', stepId, kind, name, ...failure });
  }
  return bodies;
}

function patched({ stateVersion, data }: EventOf<'StatePatched'>): StreamBody {
  return {
    type: 'state_patch',
    baseVersion: stateVersion - 1,
    version: stateVersion,
    patch: data?.patch ?? [],
    hash: data?.hash ?? null,
  };
}
