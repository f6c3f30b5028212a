import { type RunEvent } from '@summit/events';
import { errorRecord, type ErrorRecord } from '@summit/kernel';
import { type ApprovalTerms, type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { approvalRequested, type Subject, termsOf } from './approval.ask.ts';
import { type Proposal } from './frame.ts';
import { type Building, decide, type Part, type Planning, refused } from './frame.plan.ts';
import { applyDecidedPatch } from './patch-budget.ts';
import { ask, type Asked, proposalArguments, refusal, stepProposed } from './run.proposal.ts';
import { runRequest } from './run.input.ts';
import { type RunState } from './run.state.ts';
import { transform } from './run.transform.ts';
import { stateHash } from './state-hash.ts';

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
  keys.set(proposal.stepKey, proposal);
  const asked = ask(run, proposal, scope.tools);
  const n = run.byNumber.length + reserved.steps;
  const request = runRequest(run, asker, asked.action, reserved);
  const at = requests.push(request) - 1;
  reserved.steps += 1;
  if (proposal.kind === 'propose') reserved.attempts += 1;
  let second: Second | undefined;
  return {
    fact: false,
    more(answers, further, before) {
      const answer = answers[at];
      if (answer?.verdict === 'transform') second = again(planning, asked, answer, further, before);
    },
    add(building) {
      const basis = decide(building, request, at);
      const intent = { planning, asked, n, basis };
      if (!second) settle(building, intent, building.answers[at]);
      else if ('error' in second) deny(building, intent, second.error);
      else {
        const onceMore = decide(building, second.request, second.at);
        settle(building, { ...intent, asked: second.asked, basis: onceMore }, building.answers[second.at]);
      }
    },
  };
}

/** A transformed proposal, to be decided once more; or why it can not be. */
type Second =
  | { readonly asked: Asked; readonly request: PolicyRequest; readonly at: number }
  | { readonly error: ErrorRecord };

function again(
  { run, asker, scope, reserved }: Planning,
  asked: Asked,
  answer: PolicyAnswer,
  further: PolicyRequest[],
  before: number,
): Second {
  const transformed = transform(run, asked, answer, scope.tools);
  if ('code' in transformed) return { error: transformed };
  const request = runRequest(run, asker, transformed.action, reserved);
  return { asked: transformed, request, at: before + further.push(request) - 1 };
}

/** Only what policy allows happens; where it asks, people are asked first. // C3.1 I3 */
function settle(building: Building, intent: Intent, answer: PolicyAnswer | undefined): void {
  const { planning, asked } = intent;
  const { proposal } = asked;
  const terms = canWait(proposal) ? termsOf(answer) : undefined;
  const error =
    cancelled(planning.run) ?? (terms ? undefined : refusal(answer, proposalName(proposal))) ?? asked.flaw;
  if (error) deny(building, intent, error);
  else if (terms) askPeople(building, intent, terms, answer?.reasons ?? []);
  else if (proposal.kind === 'approve') deny(building, intent, UNASKED);
  else if (proposal.kind === 'patch') patch(building, intent);
  else accept(building, intent);
}

/** Proposals that people can be asked about. */
const canWait = ({ kind }: Proposal): boolean => kind === 'propose' || kind === 'patch' || kind === 'approve';

const UNASKED: ErrorRecord = {
  code: 'POLICY_DENIED',
  message: 'policy names nobody who could answer the question',
  next: 'Ask whoever owns the policy for a rule that says who answers (verdict require_approval).',
  retryable: false,
};

function askPeople(
  building: Building,
  { planning, asked, n, basis }: Intent,
  terms: ApprovalTerms,
  reasons: readonly string[],
): void {
  const { run, asker, ends } = planning;
  const { now } = asker;
  building.events.push(intended(asked, n, basis, now));
  if (ends) return; // nothing that it proposes will be attempted
  building.events.push(approvalRequested(run, subjectOf(asked, n), terms, { basis, reasons, now }));
}

/** What people are shown of a proposal. */
function subjectOf({ proposal, hash }: Asked, step: number): Subject {
  const { stepKey, kind } = proposal;
  const base = { ...proposalArguments(proposal), step, hash, stepKey };
  if (kind === 'patch') return { ...base, about: 'action', name: 'state' };
  const { name } = proposal;
  return kind === 'approve'
    ? { ...base, about: 'question', name }
    : { ...base, about: 'action', name, attempt: 1 };
}

/** The event of an intent; with what the coroutine proposed, where that is not what is to be executed. */
function intended(asked: Asked, n: number, basis: Intent['basis'], now: number): RunEvent {
  const event = stepProposed(n, asked, basis, now);
  if (!asked.before || event.type !== 'StepProposed' || !event.data) return event;
  const { hash, args } = asked.before;
  return { ...event, proposedHash: hash, data: { ...event.data, proposed: args } };
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
  building.events.push(intended(asked, n, basis, planning.asker.now));
  building.events.push({ type: 'StepDenied', v: 1, basis, step: n, data: { error } });
}

function patch(building: Building, intent: Intent): void {
  const { asked, n, basis } = intent;
  if (asked.proposal.kind !== 'patch') return;
  const { stepKey, patch: operations } = asked.proposal;
  try {
    building.state = applyDecidedPatch(building.state, operations);
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
  building.events.push(intended(asked, n, basis, asker.now));
  if (proposal.kind === 'signal') {
    takeSignal(building, run, proposal.name, { type: 'StepCompleted', v: 1, basis, step: n, attempt: 0 });
  } else if (proposal.kind === 'propose' && !run.paused && !ends) {
    const { executor, leaderEpoch, assignment } = scope;
    const data = asked.before && { args: proposal.args };
    building.events.push({
      type: 'PermitGranted',
      v: 1,
      basis,
      step: n,
      attempt: 1,
      executor,
      leaderEpoch,
      assignment,
      actionHash: hash,
      data,
    });
  }
}

type Completed = Omit<Extract<RunEvent, { type: 'StepCompleted' }>, 'data'>;

/** A signal that came before it was awaited; each is taken once. */
function takeSignal(building: Building, run: RunState, name: string, completed: Completed): void {
  building.taken ??= new Map();
  const taken = building.taken.get(name) ?? 0;
  const output = run.signals.get(name)?.[taken];
  if (output === undefined) return;
  building.taken.set(name, taken + 1);
  building.events.push({ ...completed, data: { output } });
}
