import { generate, modelCallOf, type ModelProvider, type ModelRequest } from '@summit/agents';
import {
  type Message,
  messageSchema,
  type ModelCall,
  modelCallSchema,
  type ModelReply,
} from '@summit/events';
import { MODEL_DEFAULTS } from '@summit/engine';
import { type Duration, durationMs, TerminalError } from '@summit/kernel';
import { z } from 'zod';
import { type Action } from './action.ts';
import { copyJson } from './json-copy.ts';
import { type Tool, type ToolContext } from './tool.ts';

/** A call of a model. */
export interface ModelOptions {
  /** By its name in the app's models; default `default`. */
  readonly model?: string;
  readonly instructions?: string;
  readonly messages: readonly Message[];
  /** Tools that it may ask for; whoever calls it runs them. */
  readonly tools?: readonly Tool[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** The longest silence of its stream; default 60 s. */
  readonly timeout?: Duration;
}

/** What an executor lends to an attempt that generates. */
export interface Live {
  /** Throws `MODEL_UNKNOWN`. */
  provider(model: string): ModelProvider;
  secret(name: string): string | undefined;
  /** A piece of text, on its way to whoever watches. */
  token(delta: string): void;
  /** No token comes any more. */
  close(): void;
}

/** A call in two halves: what is proposed, and the action that holds the conversation itself. */
export interface ProposedCall {
  readonly call: ModelCall;
  readonly action: Action;
}

/** Words a call. What it holds of the conversation is a copy. */
export function proposeCall(options: ModelOptions, agent?: string): ProposedCall {
  const { model = 'default', timeout } = options;
  const request = requestOf(options);
  const timeoutMs = timeout === undefined ? undefined : durationMs(timeout);
  const call = modelCallOf(request, { model, agent, timeoutMs });
  const read = modelCallSchema.safeParse(call);
  if (!read.success) throw notACall(read.error);
  return { call: read.data, action: actionOf(request, read.data) };
}

function requestOf({ instructions = '', messages, tools = [], ...settings }: ModelOptions): ModelRequest {
  const { maxOutputTokens, temperature } = settings;
  return {
    instructions,
    messages: messages.map((message) => messageSchema.parse(copyJson(message))),
    tools: tools.map(({ definition: { name, description, input } }) => ({ name, description, input })),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}

/** A call may be repeated: a crash in the middle of it costs tokens, no effect. // C1.3 */
function actionOf(request: ModelRequest, { model, conversation, timeoutMs }: ModelCall): Action {
  return {
    name: model,
    effect: 'idempotent',
    timeoutMs: timeoutMs ?? MODEL_DEFAULTS.timeoutMs,
    generates: true,
    async run(args, context, live) {
      const permitted = modelCallSchema.parse(args);
      if (permitted.conversation.digest !== conversation.digest || !live) throw otherConversation(model);
      const reply = await stream(narrowed(request, permitted), permitted.model, context, live);
      return copyJson(reply);
    },
  };
}

/** Policy may have named another model, taken tools away, or set other bounds: what is permitted counts. */
function narrowed(request: ModelRequest, { tools, maxOutputTokens, temperature }: ModelCall): ModelRequest {
  return {
    instructions: request.instructions,
    messages: request.messages,
    tools: request.tools.filter(({ name }) => tools.includes(name)),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}

async function stream(
  request: ModelRequest,
  model: string,
  context: ToolContext,
  live: Live,
): Promise<ModelReply> {
  try {
    return await generate(live.provider(model), request, {
      signal: context.signal,
      secret: (name) => live.secret(name),
      onText: (delta) => {
        live.token(delta);
      },
      onProgress: () => {
        context.heartbeat();
      },
    });
  } finally {
    live.close();
  }
}

const notACall = (error: z.ZodError): TerminalError =>
  new TerminalError(
    'MODEL_CALL_INVALID',
    `ctx.model was called with what is no call of a model: ${z.prettifyError(error)}`,
    'Mend the workflow.',
  );

const otherConversation = (model: string): TerminalError =>
  new TerminalError(
    'MODEL_CALL_INVALID',
    `the permitted call of ${model} is not the one that was proposed`,
    'A policy may change the model, its tools and its bounds, not the conversation.',
  );
