import { type RunEvent } from '@summit/events';
import { errorRecord, type ErrorRecord } from '@summit/kernel';
import { type Proposal } from './frame.ts';
import { type Building, decide, type Part, type Planning, refused } from './frame.plan.ts';
import { runRequest } from './plan.ts';
import { ask, type Asked, refusal, stepProposed } from './run.proposal.ts';
import { type RunState } from './run.state.ts';
import { stateHash } from './state-hash.ts';
import { applyPatch } from './thread.ts';

/** An intent on its way into the journal: its number, and the decision that it stands on. */
interface Intent {
  readonly planning: Planning;
  readonly asked: Asked;
  readonly n: number;
  readonly basis: number | 'denial';
}

/** Plans a proposal: hashed, asked about, then recorded with its permit, its denial, or its patch. // I3 */
export function planProposal(planning: Planning, proposal: Proposal): Part {
  const { run, requests, asker, reserved, scope, keys } = planning;
  if (run.steps.has(proposal.stepKey) || keys.has(proposal.stepKey)) {
    throw refused(run, `${proposal.stepKey} was proposed before`);
  }
  keys.add(proposal.stepKey);
  const asked = ask(run, proposal, scope.tools);
  const n = run.byNumber.length + reserved.steps;
  const request = runRequest(run, asker, asked.action, reserved);
  const at = requests.push(request) - 1;
  reserved.steps += 1;
  if (proposal.kind === 'propose') reserved.attempts += 1;
  return {
    fact: false,
    add(building) {
      const basis = decide(building, request, at);
      const intent = { planning, asked, n, basis };
      const error = cancelled(run) ?? refusal(building.answers[at], proposalName(proposal)) ?? asked.flaw;
      if (error) deny(building, intent, error);
      else if (proposal.kind === 'patch') patch(building, intent);
      else accept(building, intent);
    },
  };
}

const proposalName = (proposal: Proposal): string =>
  proposal.kind === 'patch'
    ? 'the state to be patched'
    : `${proposal.kind === 'propose' ? proposal.step : proposal.kind} ${proposal.name}`;

const cancelled = (run: RunState): ErrorRecord | undefined =>
  run.cancelRequested
    ? { code: 'RUN_CANCELLED', message: 'the run was cancelled', next: 'Start a new run.', retryable: false }
    : undefined;

function deny(building: Building, { planning, asked, n, basis }: Intent, error: ErrorRecord): void {
  building.events.push(stepProposed(n, asked, basis, planning.asker.now));
  building.events.push({ type: 'StepDenied', v: 1, basis, step: n, data: { error } });
}

function patch(building: Building, intent: Intent): void {
  const { asked, n, basis } = intent;
  if (asked.proposal.kind !== 'patch') return;
  const { stepKey, patch: operations } = asked.proposal;
  try {
    building.state = applyPatch(building.state, operations);
  } catch (error) {
    deny(building, { ...intent, basis: 'denial' }, errorRecord(error));
    return;
  }
  building.stateVersion += 1;
  const { stateVersion } = building;
  const hash = stateHash(building.state);
  const data = { stepKey, patch: operations.map((operation) => ({ ...operation })), hash };
  const base = { type: 'StatePatched', v: 1, basis, step: n, stateVersion } as const;
  building.events.push({ ...base, actionHash: asked.hash, data });
}

function accept(building: Building, { planning, asked, n, basis }: Intent): void {
  const { run, scope, asker, ends } = planning;
  const { proposal, hash } = asked;
  building.events.push(stepProposed(n, asked, basis, asker.now));
  if (proposal.kind === 'signal') {
    takeSignal(building, run, proposal.name, { type: 'StepCompleted', v: 1, basis, step: n, attempt: 0 });
  } else if (proposal.kind === 'propose' && !run.paused && !ends) {
    const { executor, leaderEpoch, assignment } = scope;
    const permit = { executor, leaderEpoch, assignment, actionHash: hash };
    building.events.push({ type: 'PermitGranted', v: 1, basis, step: n, attempt: 1, ...permit });
  }
}

type Completed = Omit<Extract<RunEvent, { type: 'StepCompleted' }>, 'data'>;

/** A signal that came before it was awaited; each is taken once. */
function takeSignal(building: Building, run: RunState, name: string, completed: Completed): void {
  const taken = building.taken.get(name) ?? 0;
  const output = run.signals.get(name)?.[taken];
  if (output === undefined) return;
  building.taken.set(name, taken + 1);
  building.events.push({ ...completed, data: { output } });
}
