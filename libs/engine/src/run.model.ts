import { modelCallSchema, modelReplySchema, type RetryPolicy } from '@summit/events';
import { type ErrorRecord, isObject, type Json } from '@summit/kernel';
import { type PolicyAction } from '@summit/policy';
import { type RunState } from './run.state.ts';

/** A call of a model has no registered definition. The time is the longest silence of its stream. */
export const MODEL_DEFAULTS: { readonly timeoutMs: number; readonly retry: RetryPolicy } = {
  timeoutMs: 60_000,
  retry: { maxAttempts: 5, initialMs: 500, factor: 2, maxMs: 30_000 },
};

/** One attempt to call a model. */
export interface ModelAttempt {
  readonly name: string;
  readonly attempt: number;
  readonly hash: string;
}

/**
 * The question about one attempt of a model call: which model, with which tools, how much, and the last message; the
 * conversation by digest and size. What is no model call is asked about without these, and no rule allows that.
 */
export function modelAction(run: RunState, { name, attempt, hash }: ModelAttempt, args: Json): PolicyAction {
  const base = { kind: 'model', name, attempt, actionHash: hash, usedTokens: run.tokens } as const;
  const call = modelCallSchema.safeParse(args);
  return call.success ? { ...base, call: call.data } : base;
}

/** How long a call may be silent, and how often it is tried. */
export function modelTerms(args: Json): { timeoutMs: number; retry: RetryPolicy } {
  const call = modelCallSchema.safeParse(args);
  return { ...MODEL_DEFAULTS, ...(call.data?.timeoutMs !== undefined && { timeoutMs: call.data.timeoutMs }) };
}

/** Why what is proposed is no model call, whatever policy says. */
export function modelFlaw(name: string, args: Json): ErrorRecord | undefined {
  const call = modelCallSchema.safeParse(args);
  if (call.success && call.data.model === name) return undefined;
  return {
    code: 'MODEL_CALL_INVALID',
    message: `the call of the model ${name} is not worded as one`,
    next: 'Call models through ctx.model.',
    retryable: false,
  };
}

/** Tokens that a completed call used, both ways; 0 where its output is no reply. */
export function tokensOf(output: Json): number {
  const usage = modelReplySchema.shape.usage.safeParse(isObject(output) ? output['usage'] : undefined);
  return usage.success ? usage.data.inputTokens + usage.data.outputTokens : 0;
}
