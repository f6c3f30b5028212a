import { type Basis, type RunEvent, STEP_DEFAULTS, type ToolDefinition } from '@summit/events';
import { assertNever, canonicalJson, type ErrorRecord, type Json } from '@summit/kernel';
import { type PolicyAction, type PolicyAnswer, viewOf } from '@summit/policy';
import { actionHash } from './action-hash.ts';
import { questionAction, questionArguments } from './run.question.ts';
import { type Proposal } from './frame.ts';
import { type ActionText } from './run.input.ts';
import { modelAction, modelFlaw, modelTerms } from './run.model.ts';
import { type RunState } from './run.state.ts';
import { type ThreadState } from './thread.ts';
import { toolAction } from './tool.action.ts';

/** What planning needs to know of the tenant's registered tools. Validation is by the definition's own schema. */
export interface Tools {
  definition(tool: string): ToolDefinition | undefined;
  /** Why the arguments do not fit the definition's input schema, or undefined where they do. */
  mismatch(tool: string, args: Json): string | undefined;
  /** Why a value is no output of the definition, or undefined where it is. */
  outputMismatch(tool: string, output: Json): string | undefined;
}

/** Surroundings of a plan. */
export interface RunScope {
  readonly tools: Tools;
  readonly thread: ThreadState;
  /** Who holds the run, and in which reign permits are given. */
  readonly executor: string;
  readonly leaderEpoch: number;
  readonly assignment: number;
}

/** A proposal, hashed and turned into the question that policy is asked. */
export interface Asked {
  readonly proposal: Proposal;
  readonly hash: string;
  readonly action: PolicyAction | ActionText;
  readonly definition: ToolDefinition | undefined;
  /** Why it can not be, whatever policy says. */
  readonly flaw: ErrorRecord | undefined;
  /** What the coroutine proposed, where policy transformed it. */
  readonly before?: { readonly hash: string; readonly args: Json };
}

/** What the hash of a proposal covers. */
export function proposalArguments(proposal: Proposal): { tool: string; args: Json } {
  switch (proposal.kind) {
    case 'propose':
      return { tool: proposal.tool ?? proposal.step, args: proposal.args };
    case 'sleep':
      return { tool: 'sleep', args: { ms: proposal.ms } };
    case 'signal':
      return { tool: 'signal', args: { name: proposal.name, timeoutMs: proposal.timeoutMs ?? null } };
    case 'patch':
      return { tool: 'patch', args: proposal.patch };
    case 'approve':
      return { tool: 'approve', args: questionArguments(proposal) };
    default:
      return assertNever(proposal);
  }
}

/** The hash of a proposal; executors compute it too, to compare replayed code with the history. */
export function proposalHash(runId: string, proposal: Proposal): string {
  const { tool, args } = proposalArguments(proposal);
  return actionHash(runId, proposal.stepKey, tool, canonicalJson(args));
}

/** Hashes a proposal and words the question. */
export function ask(run: RunState, proposal: Proposal, tools: Tools): Asked {
  const { tool, args } = proposalArguments(proposal);
  const text = canonicalJson(args);
  const hash = actionHash(run.runId, proposal.stepKey, tool, text);
  const base = { proposal, hash, definition: undefined, flaw: undefined };
  switch (proposal.kind) {
    case 'sleep':
      return { ...base, action: { kind: 'sleep', name: proposal.name, ms: proposal.ms } };
    case 'signal': {
      const { name, timeoutMs } = proposal;
      return { ...base, action: { kind: 'signal', name, ...(timeoutMs !== undefined && { timeoutMs }) } };
    }
    case 'patch':
      return { ...base, action: { kind: 'patch', name: 'state', ...viewOf(args, text) } };
    case 'approve':
      return { ...base, action: questionAction(proposal.name, hash, args) };
    case 'propose': {
      if (proposal.step === 'model') {
        const action = modelAction(run, { name: proposal.name, attempt: 1, hash }, args);
        return { ...base, action, flaw: modelFlaw(proposal.name, args) };
      }
      if (proposal.tool === undefined) {
        const action = {
          kind: 'step',
          name: proposal.name,
          effect: 'idempotent',
          attempt: 1,
          actionHash: hash,
        } as const;
        return { ...base, action };
      }
      const definition = tools.definition(proposal.tool);
      const { name, tool: digest } = proposal;
      const action = toolAction({ name, tool: digest, definition, attempt: 1, hash }, args, text);
      return { ...base, action, definition, flaw: flawOf(proposal, proposal.tool, definition, tools) };
    }
    default:
      return assertNever(proposal);
  }
}

function flawOf(
  { name, args }: Extract<Proposal, { kind: 'propose' }>,
  tool: string,
  definition: ToolDefinition | undefined,
  tools: Tools,
): ErrorRecord | undefined {
  if (!definition) {
    return {
      code: 'TOOL_NOT_REGISTERED',
      message: `the tool ${name} is not registered in this form`,
      next: 'Register the tool by starting an executor that serves it, or propose the registered version.',
      retryable: false,
    };
  }
  const mismatch = tools.mismatch(tool, args);
  if (mismatch === undefined) return undefined;
  return {
    code: 'TOOL_INPUT_INVALID',
    message: `the arguments do not fit the schema of ${name}: ${mismatch}`,
    next: 'Call the tool with arguments that fit its input schema.',
    retryable: false,
  };
}

/** Why an answer does not let the action happen; undefined where it does. Closed by default. */
export function refusal(answer: PolicyAnswer | undefined, what: string): ErrorRecord | undefined {
  if (answer?.verdict === 'allow' && answer.obligations.length === 0) return undefined;
  return {
    code: answer?.code ?? 'POLICY_DENIED',
    message: `policy does not allow ${what}: ${answer?.reasons.join('; ') ?? 'no answer'}`,
    next: 'Ask whoever owns the policy for a rule that allows it, or do something else.',
    retryable: false,
  };
}

type Attempted = Pick<Asked, 'hash' | 'definition'> & {
  readonly proposal: Extract<Proposal, { kind: 'propose' }>;
};

/** The intent of a tool call or a `ctx.step`: what most events are, so in one piece. */
function attemptProposed(n: number, { proposal, hash, definition }: Attempted, basis: Basis): RunEvent {
  const { step: kind, tool, stepKey, name, args } = proposal;
  return {
    type: 'StepProposed',
    v: 1,
    basis,
    step: n,
    actionHash: hash,
    kind,
    effect: tool === undefined ? 'idempotent' : (definition?.effect ?? 'once'),
    tool,
    timeoutMs: definition?.timeoutMs ?? STEP_DEFAULTS.timeoutMs,
    retry: definition?.retry ?? STEP_DEFAULTS.retry,
    data: { stepKey, name, args },
  };
}

/** The event of an intent. */
export function stepProposed(n: number, asked: Asked, basis: Basis, now: number): RunEvent {
  const { proposal, hash, definition } = asked;
  if (proposal.kind === 'propose' && proposal.step !== 'model') {
    return attemptProposed(n, { proposal, hash, definition }, basis);
  }
  const { args } = proposalArguments(proposal);
  const { stepKey } = proposal;
  const base = { type: 'StepProposed', v: 1, basis, step: n, actionHash: hash } as const;
  switch (proposal.kind) {
    case 'propose': {
      const { name } = proposal;
      return {
        ...base,
        ...modelTerms(args),
        kind: 'model',
        effect: 'idempotent',
        data: { stepKey, name, args },
      };
    }
    case 'sleep':
      return {
        ...base,
        kind: 'sleep',
        effect: 'pure',
        dueAt: now + proposal.ms,
        data: { stepKey, name: proposal.name, args },
      };
    case 'signal': {
      const dueAt = proposal.timeoutMs === undefined ? {} : { dueAt: now + proposal.timeoutMs };
      return {
        ...base,
        kind: 'signal',
        effect: 'pure',
        ...dueAt,
        data: { stepKey, name: proposal.name, args },
      };
    }
    case 'patch':
      return { ...base, kind: 'patch', effect: 'pure', data: { stepKey, name: 'state', args } };
    case 'approve':
      return { ...base, kind: 'approval', effect: 'pure', data: { stepKey, name: proposal.name, args } };
    default:
      return assertNever(proposal);
  }
}
