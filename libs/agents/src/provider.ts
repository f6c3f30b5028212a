import { type Message, type ModelReply, type ModelToolCall } from '@summit/events';
import { type Json } from '@summit/kernel';

/** A tool as a model sees it. */
export interface ModelTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly input: Json;
}

/** What a model is asked. */
export interface ModelRequest {
  /** What it is to be, before the conversation. */
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ModelTool[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
}

/** A piece of a model's answer, in the order in which it is generated. The last one is `finish`. */
export type ModelPart =
  | { readonly type: 'text'; readonly delta: string }
  | ({ readonly type: 'tool-call' } & ModelToolCall)
  | {
      readonly type: 'finish';
      readonly reason: ModelReply['finishReason'];
      readonly usage: ModelReply['usage'];
      /** As the provider names the model that answered. */
      readonly model: string;
    };

/** What comes with a call and is no part of what is asked. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** A secret by the name of its reference, such as an environment variable's; undefined where there is none. */
  readonly secret: (name: string) => string | undefined;
}

/**
 * The port to a model. A call may be repeated: after a crash, a timeout, or an error that is not terminal. It should
 * stop when the signal says so; whoever calls it does not wait for that.
 */
export interface ModelProvider {
  stream(request: ModelRequest, options: CallOptions): AsyncIterable<ModelPart>;
}
