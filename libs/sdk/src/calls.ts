/** The durable calls of a workflow, each on its coroutine; what they mean says `Context`. */
import { definitionDigest, type PatchOperation } from '@summit/engine';
import { type ModelReply, modelReplySchema, STEP_DEFAULTS } from '@summit/events';
import { type Duration, durationMs, type Json, type JsonObject, TerminalError } from '@summit/kernel';
import { z } from 'zod';
import { stepAction, toolAction } from './action.ts';
import { type Approved, type Question, type StepOptions, type ToolCallOptions } from './context.ts';
import { type Coroutine } from './coroutine.ts';
import { callInvalid } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { type ModelOptions, proposeCall } from './model.ts';
import { patchOperations } from './patch.ts';
import { quiet } from './quiet.ts';
import { type Tool, type ToolContext } from './tool.ts';

/** The call's own promise, without another around it: a tool's step is the hot path. */
export function callTool<Input extends z.ZodType, Output extends z.ZodType>(
  coroutine: Coroutine,
  tool: Tool<Input, Output>,
  input: z.input<Input>,
  options?: ToolCallOptions,
): Promise<z.output<Output>> {
  try {
    const { name } = tool.definition;
    const { digest, action } = known(tool);
    const stepKey = coroutine.branches.stepKey(name, options?.key);
    const args = copyJson(input);
    const proposal = { kind: 'propose', step: 'tool', stepKey, name, tool: digest, args } as const;
    return coroutine.call(proposal, action, options?.executed) as Promise<z.output<Output>>;
  } catch (error) {
    return quiet(Promise.reject(error as Error));
  }
}

export async function callStep<Output extends Json>(
  coroutine: Coroutine,
  name: string,
  fn: (context: ToolContext) => Output | Promise<Output>,
  options?: StepOptions,
): Promise<Output> {
  const stepKey = coroutine.branches.stepKey(name, options?.key);
  const action = stepAction(name, fn, STEP_DEFAULTS.timeoutMs);
  const proposal = { kind: 'propose', step: 'step', stepKey, name, args: null } as const;
  return (await coroutine.call(proposal, action)) as Output;
}

/** Known at once, so that no promise stands around it; what `fn` throws is a rejection like any other step's. */
export function callPure<Output extends Json>(
  coroutine: Coroutine,
  name: string,
  fn: () => Output,
  options?: StepOptions,
): Promise<Output> {
  try {
    const stepKey = coroutine.branches.stepKey(name, options?.key);
    return Promise.resolve(coroutine.pure(stepKey, () => synchronous(name, fn())) as Output);
  } catch (error) {
    return quiet(Promise.reject(error as Error));
  }
}

export async function callModel(
  coroutine: Coroutine,
  options: ModelOptions,
  step?: StepOptions & { readonly agent?: string },
): Promise<ModelReply> {
  const stepKey = coroutine.branches.stepKey('model', step?.key);
  const { call, action } = proposeCall(options, step?.agent);
  const proposal = { kind: 'propose', step: 'model', stepKey, name: call.model, args: call } as const;
  return modelReplySchema.parse(await coroutine.call(proposal, action));
}

export async function patchState(
  coroutine: Coroutine,
  change: JsonObject | readonly PatchOperation[],
  options?: StepOptions,
): Promise<number> {
  const stepKey = coroutine.branches.stepKey('state', options?.key);
  const patch = patchOperations(change, (member) => coroutine.state.hasMember(member));
  return (await coroutine.call({ kind: 'patch', stepKey, patch })) as number;
}

export async function sleep(coroutine: Coroutine, duration: Duration, options?: StepOptions): Promise<void> {
  const stepKey = coroutine.branches.stepKey('sleep', options?.key);
  await coroutine.call({ kind: 'sleep', stepKey, name: 'sleep', ms: durationMs(duration) });
}

export async function awaitSignal<Payload extends z.ZodType>(
  coroutine: Coroutine,
  name: string,
  payload: Payload,
  options?: StepOptions & { readonly timeout?: Duration },
): Promise<z.output<Payload>> {
  const stepKey = coroutine.branches.stepKey(name, options?.key);
  const timeout = options?.timeout === undefined ? {} : { timeoutMs: durationMs(options.timeout) };
  return payload.parse(await coroutine.call({ kind: 'signal', stepKey, name, ...timeout }));
}

export async function askPeople(
  coroutine: Coroutine,
  question: Question,
  options?: StepOptions,
): Promise<Approved> {
  const { title, data = null, expires } = question;
  const terms = {
    ...askedOf(question),
    ...(expires !== undefined && { expiresMs: durationMs(expires) }),
  };
  const stepKey = coroutine.branches.stepKey(title, options?.key);
  const asked = { kind: 'approve', stepKey, name: title, data: copyJson(data), ...terms } as const;
  return approved.parse(await coroutine.call(asked));
}

const askedSchema = z.object({
  roles: z.array(z.string().min(1)).exactOptional(),
  quorum: z.int().positive().exactOptional(),
});

/** Who is asked. Throws `CALL_INVALID`. */
function askedOf(question: Question): z.output<typeof askedSchema> {
  const read = askedSchema.safeParse(question);
  if (read.success) return read.data;
  throw callInvalid(`ctx.approve was asked for what can not be: ${z.prettifyError(read.error)}`);
}

const approved: z.ZodType<Approved> = z.object({
  decision: z.enum(['approve', 'reject', 'modify']),
  by: z.string(),
  reason: z.string().exactOptional(),
  action: (z.json() as z.ZodType<Json>).exactOptional(),
});

interface Known {
  readonly digest: string;
  readonly action: ReturnType<typeof toolAction>;
}

const tools = new WeakMap<Tool, Known>();

/** What a tool is proposed as and runs as, made once. */
function known(tool: Tool): Known {
  let made = tools.get(tool);
  if (!made) {
    made = { digest: definitionDigest(tool.definition), action: toolAction(tool) };
    tools.set(tool, made);
  }
  return made;
}

function synchronous<Output extends Json>(name: string, output: Output): Output {
  if (!(output instanceof Promise)) return output;
  throw new TerminalError(
    'PURE_NOT_SYNCHRONOUS',
    `the pure step ${name} returned a promise`,
    'Use ctx.step for it.',
  );
}
