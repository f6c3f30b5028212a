import { definitionDigest, type PatchOperation } from '@summit/engine';
import { STEP_DEFAULTS } from '@summit/events';
import { type Duration, durationMs, type Json, type JsonObject, TerminalError } from '@summit/kernel';
import { z } from 'zod';
import { messageSchema, modelReplySchema } from '@summit/events';
import { stepAction, toolAction } from './action.ts';
import { type Agent, runAgent } from './agent.ts';
import {
  type Approved,
  type Context,
  type Question,
  type StepOptions,
  type ToolCallOptions,
} from './context.ts';
import { type Coroutine } from './coroutine.ts';
import { callInvalid } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { type ModelOptions, proposeCall } from './model.ts';
import { patchOperations } from './patch.ts';
import { quiet, quietly } from './quiet.ts';
import { type Tool, type ToolContext } from './tool.ts';

/** The {@link Context} of a coroutine. */
export function makeContext(coroutine: Coroutine): Context {
  const { branches, dispatch } = coroutine;
  const context: Context = {
    runId: dispatch.runId,
    threadId: dispatch.threadId,
    tenant: coroutine.tenant,
    user: dispatch.startedBy,
    ...calls(coroutine),
    ...models(coroutine),
    ...waits(coroutine),
    state: {
      get: () => coroutine.state.get() as JsonObject,
      ...quietly({
        async patch(change: JsonObject | readonly PatchOperation[], options?: StepOptions) {
          const stepKey = branches.stepKey('state', options?.key);
          const patch = patchOperations(change, (member) => coroutine.state.hasMember(member));
          return (await coroutine.call({ kind: 'patch', stepKey, patch })) as number;
        },
      }),
    },
    ...quietly({
      agent: (agent: Agent, input: string | JsonObject, options?: StepOptions) =>
        attempted(() =>
          branches.enter(options?.key ?? agent.definition.name, () => runAgent(agent, context, input)),
        ),
    }),
    all: (values) => quiet(Promise.all(values)),
    race: (values) => quiet(Promise.race(values)),
    any: (values) => quiet(Promise.any(values)),
    branch: (key, fn) => quiet(attempted(() => branches.enter(key, fn))),
    now: () => coroutine.now(),
    random: () => Number.parseInt(branches.entropy('random').slice(0, 13), 16) / 2 ** 52,
    uuid: () => uuidOf(branches.entropy('uuid')),
    log(message, fields = {}) {
      coroutine.log(message, fields);
    },
  };
  return context;
}

function calls(coroutine: Coroutine): Pick<Context, 'tool' | 'step' | 'pure'> {
  const { branches } = coroutine;
  return {
    // the call's own promise, without another around it: a tool's step is the hot path
    tool<Input extends z.ZodType, Output extends z.ZodType>(
      tool: Tool<Input, Output>,
      input: z.input<Input>,
      options?: ToolCallOptions,
    ): Promise<z.output<Output>> {
      try {
        const { name } = tool.definition;
        const { digest, action } = known(tool);
        const stepKey = branches.stepKey(name, options?.key);
        const args = copyJson(input);
        const proposal = { kind: 'propose', step: 'tool', stepKey, name, tool: digest, args } as const;
        return coroutine.call(proposal, action, options?.executed) as Promise<z.output<Output>>;
      } catch (error) {
        return quiet(Promise.reject(error as Error));
      }
    },
    ...quietly({
      async step<Output extends Json>(
        name: string,
        fn: (context: ToolContext) => Output | Promise<Output>,
        options?: StepOptions,
      ): Promise<Output> {
        const stepKey = branches.stepKey(name, options?.key);
        const action = stepAction(name, fn, STEP_DEFAULTS.timeoutMs);
        return (await coroutine.call(
          { kind: 'propose', step: 'step', stepKey, name, args: null },
          action,
        )) as Output;
      },
      // async, so that what `fn` throws is a rejection like any other step's
      async pure<Output extends Json>(
        name: string,
        fn: () => Output,
        options?: StepOptions,
      ): Promise<Output> {
        return coroutine.pure(branches.stepKey(name, options?.key), () => synchronous(name, fn())) as Output;
      },
    }),
  };
}

function models(coroutine: Coroutine): Pick<Context, 'model' | 'messages'> {
  const { branches } = coroutine;
  return {
    ...quietly({
      async model(options: ModelOptions, step?: StepOptions & { readonly agent?: string }) {
        const stepKey = branches.stepKey('model', step?.key);
        const { call, action } = proposeCall(options, step?.agent);
        const proposal = { kind: 'propose', step: 'model', stepKey, name: call.model, args: call } as const;
        return modelReplySchema.parse(await coroutine.call(proposal, action));
      },
    }),
    messages: {
      earlier: () => coroutine.conversation.earlier(),
      own: () => coroutine.conversation.own(),
      append(message) {
        coroutine.conversation.append(branches.stepKey('message'), messageSchema.parse(copyJson(message)));
      },
    },
  };
}

function waits(coroutine: Coroutine): Pick<Context, 'sleep' | 'signal' | 'approve'> {
  const { branches } = coroutine;
  return quietly({
    async sleep(duration: Duration, options?: StepOptions) {
      const stepKey = branches.stepKey('sleep', options?.key);
      await coroutine.call({ kind: 'sleep', stepKey, name: 'sleep', ms: durationMs(duration) });
    },
    async signal<Payload extends z.ZodType>(
      name: string,
      payload: Payload,
      options?: StepOptions & { readonly timeout?: Duration },
    ): Promise<z.output<Payload>> {
      const stepKey = branches.stepKey(name, options?.key);
      const timeout = options?.timeout === undefined ? {} : { timeoutMs: durationMs(options.timeout) };
      return payload.parse(await coroutine.call({ kind: 'signal', stepKey, name, ...timeout }));
    },
    async approve(question: Question, options?: StepOptions) {
      const { title, data = null, expires } = question;
      const terms = {
        ...askedOf(question),
        ...(expires !== undefined && { expiresMs: durationMs(expires) }),
      };
      const stepKey = branches.stepKey(title, options?.key);
      const asked = { kind: 'approve', stepKey, name: title, data: copyJson(data), ...terms } as const;
      return approved.parse(await coroutine.call(asked));
    },
  });
}

/** A call that can not be taken fails where its result is awaited, as all calls do. */
function attempted<Output>(call: () => Promise<Output>): Promise<Output> {
  try {
    return call();
  } catch (error) {
    return Promise.resolve().then(() => {
      throw error;
    });
  }
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

/** RFC 9562 version 4 layout over bytes that replay gives again. */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
