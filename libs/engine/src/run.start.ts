import { type RunEvent, type WorkflowDefinition } from '@summit/events';
import { canonicalJson, InvalidInputError, type Json, NotFoundError } from '@summit/kernel';
import { type ApprovalTerms, entryFor, type PolicyAction, type PolicyRequest, viewOf } from '@summit/policy';
import { actionHash } from './action-hash.ts';
import { approvalRequested, termsOf } from './approval.ask.ts';
import { type TenantState } from './partition.ts';
import { actorOf, type Asker, type Plan, recorded } from './plan.ts';
import { CommandRefused } from './run.commands.ts';
import { refusal } from './run.proposal.ts';

/** A run that somebody wants. Ids are made by the shell; `thread` is the surrogate of `threadId`. */
export interface StartRun {
  readonly tenant: string;
  readonly runId: string;
  readonly threadId: string;
  readonly thread: string;
  readonly workflow: string;
  readonly version: string | undefined;
  readonly input: Json;
  /** What the user says, and the index that it gets in the thread's conversation, once it is recorded. */
  readonly message?: { readonly content: string; readonly index: () => number } | undefined;
  /** 32 hexadecimal digits. */
  readonly seed: string;
  /** The run that is cancelled in its favour. */
  readonly interrupts?: string;
}

/** Why an input does not fit a workflow's schema, or undefined where it does. */
export type InputCheck = (workflow: WorkflowDefinition, input: Json) => string | undefined;

/** The registered definition that a start names; the newest version where it names none. */
export function findWorkflow(
  tenant: TenantState,
  name: string,
  version: string | undefined,
): WorkflowDefinition {
  const versions = tenant.workflows.get(name);
  if (!versions) {
    const known = [...tenant.workflows.keys()].join(', ') || 'none';
    throw new NotFoundError(
      'WORKFLOW_UNKNOWN',
      `no workflow named ${JSON.stringify(name)} is registered`,
      `Start an executor that serves it. Registered: ${known}.`,
    );
  }
  const found = version === undefined ? [...versions.values()].at(-1) : versions.get(version);
  if (found) return found;
  throw new NotFoundError(
    'WORKFLOW_VERSION_UNKNOWN',
    `${name} has no version ${JSON.stringify(version)}`,
    `Name one that is registered: ${[...versions.keys()].join(', ')}.`,
  );
}

/** Plans a start: the workflow and its input are checked, policy is asked, the run begins with its first event. */
export function planStart(tenant: TenantState, start: StartRun, asker: Asker, check: InputCheck): Plan {
  const workflow = findWorkflow(tenant, start.workflow, start.version);
  const mismatch = check(workflow, start.input);
  if (mismatch !== undefined) {
    throw new InvalidInputError(
      'INPUT_INVALID',
      `the input does not fit the schema of ${workflow.name}: ${mismatch}`,
      'Send an input that fits the workflow’s schema.',
    );
  }
  const request = startRequest(start, workflow, asker);
  return {
    requests: [request],
    conclude([answer]) {
      const decisions = answer ? [recorded(request, answer)] : [];
      const terms = termsOf(answer);
      const error = terms ? undefined : refusal(answer, `a run of ${workflow.name}`);
      if (error) throw new CommandRefused(error, { decisions });
      const { threadId, input, seed, thread, interrupts } = start;
      const clear = { thread, ...(interrupts !== undefined && { interrupts }) };
      const data = { workflow: workflow.name, version: workflow.version, threadId, input, seed };
      const events: RunEvent[] = [{ type: 'RunCreated', v: 1, basis: 0, ...clear, data }, ...asked(start)];
      if (terms)
        events.push(mayBegin(start, workflow, terms, { reasons: answer?.reasons ?? [], now: asker.now }));
      return { decisions, events };
    },
  };
}

/** [C4.1] What the user says stands in the run's first commit. */
function asked({ message }: StartRun): RunEvent[] {
  if (!message) return [];
  const said = { role: 'user', content: message.content } as const;
  const index = message.index();
  return [{ type: 'MessageAppended', v: 1, basis: 0, index, role: 'user', data: { message: said } }];
}

/** The run waits until people agree that it begins. // C3.1 */
function mayBegin(
  { runId, input }: StartRun,
  { name, version }: WorkflowDefinition,
  terms: ApprovalTerms,
  why: { readonly reasons: readonly string[]; readonly now: number },
): RunEvent {
  const tool = `${name}@${version}`;
  const hash = actionHash(runId, '', tool, canonicalJson(input));
  const subject = { about: 'start', name, hash, stepKey: '', tool, args: input } as const;
  return approvalRequested({ runId, version: 0 }, subject, terms, { basis: 0, ...why });
}

/** Members stand in canonical order, which is written faster. */
function startRequest(start: StartRun, workflow: WorkflowDefinition, asker: Asker): PolicyRequest {
  const { tenant, threadId, input } = start;
  const { name, version } = workflow;
  const action: PolicyAction = { ...viewOf(input), kind: 'run.start', name, registered: true, version };
  const { now } = asker;
  const thread = { id: threadId };
  const question = { action, actor: actorOf(asker), now, tenant, thread, v: 1 };
  return { tenant, entry: entryFor(action.kind), input: canonicalJson(question) };
}
