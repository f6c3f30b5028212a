import {
  type Effect,
  type RetryPolicy,
  STEP_DEFAULTS,
  type ToolDefinition,
  toolDefinitionSchema,
} from '@summit/events';
import { type Duration, durationMs, InvalidInputError, isObject, type Json } from '@summit/kernel';
import { z } from 'zod';

/** What a tool's `execute` gets besides its input. */
export interface ToolContext {
  /**
   * Send it to the other side. Stable over every attempt of this step; of a `once` tool over one attempt and its
   * reconciliation, so that voiding the key of a lost attempt does not void the next. // C1.3
   */
  readonly idempotencyKey: string;
  /** Aborted when the attempt's time is up, the run is cancelled, or the lease is gone. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  readonly runId: string;
  readonly tenant: string;
  /** Says that a long attempt is alive: its time starts again. */
  heartbeat(): void;
}

/** What `reconcile` can say about an attempt in doubt. *Not found* is `unknown()`. */
export type Reconciled<Output> =
  | { readonly verdict: 'done'; readonly output: Output }
  | { readonly verdict: 'never' }
  | { readonly verdict: 'unknown'; readonly reason: string };

/** The effect happened, with this result. */
export const done = <Output>(output: Output): Reconciled<Output> => ({ verdict: 'done', output });
/** The effect can not happen any more: the key was voided at the other side. */
export const never = (): Reconciled<never> => ({ verdict: 'never' });
/** Nobody can tell; a human decides. */
export const unknown = (reason = 'reconcile could not tell'): Reconciled<never> => ({
  verdict: 'unknown',
  reason,
});

/** How a tool is described by its author. */
export interface ToolOptions<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly description?: string;
  readonly input: Input;
  readonly output: Output;
  /**
   * What it does to the world: `pure` nothing, `idempotent` the other side honours the key, `once` it does not:
   * never repeated blindly.
   */
  readonly effect: Effect;
  /** Asks for a human under the development policy. */
  readonly sensitive?: boolean;
  /** One attempt's time; default 60 s. */
  readonly timeout?: Duration;
  /** Default 5 attempts, 200 ms doubling up to 30 s; a `once` tool is tried once unless it says otherwise. */
  readonly retry?: Partial<RetryPolicy>;
  execute(input: z.output<Input>, context: ToolContext): Promise<z.input<Output>> | z.input<Output>;
  /** For `once`: what became of an attempt whose outcome was lost. */
  reconcile?(
    input: z.output<Input>,
    context: ToolContext,
  ): Promise<Reconciled<z.input<Output>>> | Reconciled<z.input<Output>>;
}

/** A tool, as workflows call it. */
export interface Tool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly definition: ToolDefinition;
  readonly input: Input;
  readonly output: Output;
  execute(input: z.output<Input>, context: ToolContext): Promise<z.input<Output>> | z.input<Output>;
  reconcile?(
    input: z.output<Input>,
    context: ToolContext,
  ): Promise<Reconciled<z.input<Output>>> | Reconciled<z.input<Output>>;
}

/** Defines a tool. Throws `TOOL_INVALID` where the description contradicts itself, or could not be recorded. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  options: ToolOptions<Input, Output>,
): Tool<Input, Output> {
  const { name, effect } = options;
  const reconcile = options.reconcile?.bind(options);
  if (reconcile && effect !== 'once') {
    throw new InvalidInputError(
      'TOOL_INVALID',
      `${name} has reconcile but is ${effect}`,
      'Only `once` reconciles.',
    );
  }
  const once = effect === 'once' ? { maxAttempts: 1 } : {};
  return {
    definition: definitionOf('TOOL_INVALID', toolDefinitionSchema.extend({ name: nameSchema }), {
      name,
      description: options.description ?? '',
      effect,
      input: jsonSchema(options.input, 'input'),
      output: jsonSchema(options.output, 'output'),
      sensitive: options.sensitive ?? false,
      timeoutMs: durationMs(options.timeout ?? STEP_DEFAULTS.timeoutMs),
      retry: { ...STEP_DEFAULTS.retry, ...once, ...options.retry },
      reconciles: reconcile !== undefined,
    }),
    input: options.input,
    output: options.output,
    execute: (input, context) => options.execute(input, context),
    ...(reconcile && { reconcile: (input, context) => reconcile(input, context) }),
  };
}

/** What a tool or a workflow may be called. */
export const nameSchema = z.string().regex(/^[a-zA-Z][\w.-]{0,127}$/, 'use letters, digits, _ . -');

/** A definition as it will be registered, or why it can not be: what is recorded must be readable for ever. */
export function definitionOf<Definition>(
  code: 'TOOL_INVALID' | 'WORKFLOW_INVALID',
  schema: z.ZodType<Definition>,
  value: Definition,
): Definition {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const name = isObject(value) ? `'${String(value['name'])}'` : 'it';
  throw new InvalidInputError(code, `${name}: ${z.prettifyError(read.error)}`, 'Mend what defines it.');
}

/** JSON Schema (2020-12) of a Zod schema. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  return JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))) as Json;
}
