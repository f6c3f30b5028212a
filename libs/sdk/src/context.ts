import { type PatchOperation } from '@summit/engine';
import { type Message, type ModelReply } from '@summit/events';
import { type Duration, type Instant, type Json, type JsonObject } from '@summit/kernel';
import { type z } from 'zod';
import { type Agent } from './agent.ts';
import { type ModelOptions } from './model.ts';
import { type Tool, type ToolContext } from './tool.ts';

/** Options of a step. */
export interface StepOptions {
  /** Tells this call from others of the same name; without it a counter does, in the order of the calls. */
  readonly key?: string;
}

/** Options of a call of a tool. */
export interface ToolCallOptions extends StepOptions {
  /**
   * [C3.2] Told before the result, and only where a person or policy put other arguments in the place of `input`: those
   * that the call was executed with. It takes note of them; what it throws fails the run.
   */
  readonly executed?: (args: Json) => void;
}

/** What people are asked. */
export interface Question {
  /** What is asked, in a sentence. */
  readonly title: string;
  /** What is shown with it; what an answer may modify. */
  readonly data?: Json;
  /** Who is to answer: people with one of these roles. */
  readonly roles?: readonly string[];
  /** How many different people must agree. */
  readonly quorum?: number;
  /** How long they have. */
  readonly expires?: Duration;
}

/** What people answered. */
export interface Approved {
  readonly decision: 'approve' | 'reject' | 'modify';
  /** Whose answer settled it. */
  readonly by: string;
  readonly reason?: string;
  /** Of a `modify`: the data as it was edited. */
  readonly action?: Json;
}

/**
 * What a workflow does everything through. Calls are durable: their results survive any crash, and a call that has a
 * result is never made again. Promises are ordinary promises. // C1.1 C1.3
 */
export interface Context {
  readonly runId: string;
  readonly threadId: string;
  readonly tenant: string;
  /** Who started the run. */
  readonly user: string;
  /** Calls a registered tool: proposed, decided, permitted, executed, recorded. */
  tool<Input extends z.ZodType, Output extends z.ZodType>(
    tool: Tool<Input, Output>,
    input: z.input<Input>,
    options?: ToolCallOptions,
  ): Promise<z.output<Output>>;
  /** Runs a function of this workflow as a recorded, governed, idempotent step. */
  step<Output extends Json>(
    name: string,
    fn: (context: ToolContext) => Output | Promise<Output>,
    options?: StepOptions,
  ): Promise<Output>;
  /** A computation without effect; synchronous, recorded with its neighbours, costs no write of its own. */
  pure<Output extends Json>(name: string, fn: () => Output, options?: StepOptions): Promise<Output>;
  /** Asks a model: proposed, decided, permitted, streamed, recorded; repeated after a crash until it has an answer. */
  model(options: ModelOptions, step?: StepOptions & { readonly agent?: string }): Promise<ModelReply>;
  /** Lets another agent of the app work on something within this run; its tools are governed as ever. */
  agent(agent: Agent, input: string | JsonObject, options?: StepOptions): Promise<string>;
  /** [C4.1] The thread's conversation. */
  readonly messages: {
    /** What was said before this run; of a long conversation the newest part. */
    earlier(): readonly Message[];
    /** What this run was asked, and what it has said since. */
    own(): readonly Message[];
    /** Rides with the run's next frame; nobody waits for it. */
    append(message: Message): void;
  };
  /** The thread's state, as last delivered, and the way to change it. */
  readonly state: {
    get(): JsonObject;
    /** Top-level members to set, or RFC 6902 operations. Resolves to the new version. */
    patch(change: JsonObject | readonly PatchOperation[], options?: StepOptions): Promise<number>;
  };
  sleep(duration: Duration, options?: StepOptions): Promise<void>;
  /** Waits for a signal; fails with `SIGNAL_TIMEOUT` when nobody sends it in time. */
  signal<Payload extends z.ZodType>(
    name: string,
    payload: Payload,
    options?: StepOptions & { readonly timeout?: Duration },
  ): Promise<z.output<Payload>>;
  /**
   * [C3.2] Asks people. Who may answer, how many of them and until when is policy's to say, within what the question
   * names. A rejection is an answer, not an error; fails with `APPROVAL_EXPIRED` when nobody answers in time.
   */
  approve(question: Question, options?: StepOptions): Promise<Approved>;
  all<Values extends readonly unknown[]>(
    values: Values,
  ): Promise<{ -readonly [K in keyof Values]: Awaited<Values[K]> }>;
  race<Value>(values: readonly (Value | PromiseLike<Value>)[]): Promise<Value>;
  any<Value>(values: readonly (Value | PromiseLike<Value>)[]): Promise<Value>;
  /** Gives the steps inside `fn` keys of their own, so that parallel work keeps its names whatever the order. */
  branch<Output>(key: string, fn: () => Promise<Output>): Promise<Output>;
  /** Time of the last delivery, milliseconds since the epoch; the same in every replay. */
  now(): Instant;
  /** In [0, 1); the same in every replay. */
  random(): number;
  uuid(): string;
  /** Quiet while replaying. */
  log(message: string, fields?: JsonObject): void;
}
