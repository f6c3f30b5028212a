import { type RunEvent } from '@summit/events';
import { type ErrorRecord, type Instant } from '@summit/kernel';
import { type ApprovalTerms, type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { approvalRequested, overdueEvents, type Subject, termsOf, unknownEvents } from './approval.ask.ts';
import { satisfied } from './approval.state.ts';
import { type Asker, type Plan, recorded } from './plan.ts';
import { runRequest } from './run.input.ts';
import { modelAction } from './run.model.ts';
import { refusal, type RunScope, type Tools } from './run.proposal.ts';
import { type RunState, type StepState } from './run.state.ts';
import { toolAction } from './tool.action.ts';

/** Steps whose time has come. */
export function dueSteps(run: RunState, now: Instant): StepState[] {
  return run.open.values().filter((step) => step.dueAt !== undefined && step.dueAt <= now);
}

/** Steps that want a permit: held back by a pause or a lost executor, or due for another attempt. */
export function wantPermit(run: RunState, now: Instant): StepState[] {
  const wanting: StepState[] = [];
  if (run.paused || run.cancelRequested || run.executor === undefined) return wanting;
  for (const step of run.open.values()) {
    const { phase, dueAt = 0 } = step;
    if (phase === 'held' || (phase === 'backoff' && dueAt <= now)) wanting.push(step);
  }
  return wanting;
}

/**
 * What time alone brings: sleeps end, signals and questions are given up, an attempt in doubt that nobody can
 * reconcile is unknown, and people are asked.
 * Facts; policy is not asked.
 */
export function timerEvents(run: RunState, now: Instant, tools: Tools): RunEvent[] {
  const overdue = [...run.approvals.values()].filter(({ ask }) => (ask.expiresAt ?? Infinity) <= now);
  return [...stepTimers(run, now, tools), ...overdue.flatMap((approval) => overdueEvents(approval, now))];
}

function stepTimers(run: RunState, now: Instant, tools: Tools): RunEvent[] {
  return dueSteps(run, now).flatMap((step): RunEvent[] => {
    if (step.phase === 'doubt') return canReconcile(step, tools) ? [] : unknownEvents(run, step, LOST, now);
    if (step.phase !== 'waiting') return [];
    const base = { v: 1, step: step.n, attempt: 0 } as const;
    if (step.kind === 'sleep')
      return [{ type: 'StepCompleted', ...base, basis: 'timer', data: { output: null } }];
    return [{ type: 'StepFailed', ...base, basis: 'expiry', data: { error: signalTimeout(step.name) } }];
  });
}

const canReconcile = ({ tool }: StepState, tools: Tools): boolean =>
  tool !== undefined && tools.definition(tool)?.reconciles === true;

const LOST = 'its executor was lost while the attempt was under way, and the tool can not reconcile';

const signalTimeout = (name: string): ErrorRecord => ({
  code: 'SIGNAL_TIMEOUT',
  message: `nobody sent the signal ${name} in time`,
  next: 'Send it earlier, or wait longer.',
  retryable: false,
});

/**
 * Plans what the leader itself has to do for a run: timers, and permits for steps that want one. Every permit is
 * decided by the policy of its moment, retries and re-assignments too. Without its executor within reach no permit
 * is given: it could only be lost.
 */
export function planUpkeep(run: RunState, asker: Asker, scope: RunScope, reachable = true): Plan {
  const timers = timerEvents(run, asker.now, scope.tools);
  const wanting = reachable ? wantPermit(run, asker.now) : [];
  const requests = wanting.map((step) => permitRequest(run, step, asker, scope));
  return {
    requests,
    conclude(answers) {
      const decisions = requests.flatMap((request, i) => {
        const answer = answers[i];
        return answer ? [recorded(request, answer)] : [];
      });
      const events = wanting.map((step, i): RunEvent => {
        const terms = termsOf(answers[i]);
        const agreed = terms !== undefined && satisfied(step.approved, terms);
        if (terms && !agreed) return ask(run, step, terms, { basis: i, answer: answers[i], now: asker.now });
        const error = agreed ? undefined : refusal(answers[i], `another attempt of ${step.name}`);
        const basis = answers[i] ? i : 'denial';
        if (error) return { type: 'StepDenied', v: 1, basis, step: step.n, data: { error } };
        return grant(step, i, scope);
      });
      return { decisions, events: [...timers, ...events] };
    },
  };
}

/** People have to agree before another attempt: they did not before, or to something else. */
function ask(
  run: RunState,
  step: StepState,
  terms: ApprovalTerms,
  { basis, answer, now }: { basis: number; answer: PolicyAnswer | undefined; now: Instant },
): RunEvent {
  const why = { basis, reasons: answer?.reasons ?? [], now };
  return approvalRequested(run, actionSubject(step), terms, why);
}

/** What people are asked about a step: its action, as it is to be executed. */
export function actionSubject(step: StepState): Subject {
  const { n, attempt, name, actionHash: hash, stepKey, tool = step.kind, args } = step;
  return { about: 'action', step: n, attempt: attempt + 1, name, hash, stepKey, tool, args };
}

/** The question about a step's next attempt. */
export function permitRequest(run: RunState, step: StepState, asker: Asker, scope: RunScope): PolicyRequest {
  const attempt = step.attempt + 1;
  const { name, tool, actionHash } = step;
  if (step.kind === 'model') {
    return runRequest(run, asker, modelAction(run, { name, attempt, hash: actionHash }, step.args));
  }
  if (tool === undefined)
    return runRequest(run, asker, { kind: 'step', name, effect: step.effect, attempt, actionHash });
  const definition = scope.tools.definition(tool);
  return runRequest(run, asker, toolAction({ name, tool, definition, attempt, hash: actionHash }, step.args));
}

/** The right to the step's next attempt; with its arguments where they are not what its coroutine proposed. */
export function grant(step: StepState, basis: number, scope: RunScope): RunEvent {
  return {
    type: 'PermitGranted',
    v: 1,
    basis,
    step: step.n,
    attempt: step.attempt + 1,
    executor: scope.executor,
    leaderEpoch: scope.leaderEpoch,
    assignment: scope.assignment,
    actionHash: step.actionHash,
    ...(step.changed && { data: { args: step.args } }),
  };
}

/**
 * The run's earliest instant at which the leader has to act by itself, or undefined. Doubts wait until the lost
 * attempt can no longer be under way.
 */
export function nextDue(run: RunState): Instant | undefined {
  let due: Instant | undefined;
  for (const step of run.open.values()) {
    if (step.dueAt === undefined) continue;
    if (due === undefined || step.dueAt < due) due = step.dueAt;
  }
  for (const { ask } of run.approvals.values()) {
    if (ask.expiresAt !== undefined && (due === undefined || ask.expiresAt < due)) due = ask.expiresAt;
  }
  return due;
}
