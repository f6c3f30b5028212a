import { type Effect } from '@summit/events';
import { errorRecord, type ErrorRecord, type Json, TerminalError } from '@summit/kernel';
import { NeverHappenedError } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { type Live } from './model.ts';
import { type Reconciled, type Tool, type ToolContext } from './tool.ts';

/** What an executor runs under a permit. */
export interface Action {
  readonly name: string;
  readonly effect: Effect;
  readonly timeoutMs: number;
  /** A tool's. */
  readonly registered?: true;
  /** A model's: it wants what {@link Live} lends. */
  readonly generates?: true;
  /** Runs one attempt; validates what goes in and what comes out. */
  run(args: Json, context: ToolContext, live?: Live): Promise<Json>;
  reconcile?(args: Json, context: ToolContext): Promise<Reconciled<Json>>;
}

/** The action of a tool call. */
export function toolAction(tool: Tool): Action {
  const { name, effect, timeoutMs, reconciles } = tool.definition;
  return {
    name,
    effect,
    timeoutMs,
    registered: true,
    run: (args, context) => executed(tool, args, context),
    ...(reconciles && {
      async reconcile(args: Json, context: ToolContext) {
        const verdict = await tool.reconcile?.(inputOf(tool, args), context);
        if (verdict?.verdict === 'done') return { verdict: 'done', output: checked(tool, verdict.output) };
        return verdict ?? { verdict: 'unknown', reason: 'the tool has no reconcile' };
      },
    }),
  };
}

/** One attempt; of a tool that gives no promise there is one, of what it returned. */
function executed(tool: Tool, args: Json, context: ToolContext): Promise<Json> {
  try {
    const output: unknown = tool.execute(inputOf(tool, args), context);
    return isThenable(output) ? promised(tool, output) : Promise.resolve(checked(tool, output));
  } catch (error) {
    return failed(error);
  }
}

const isThenable = (output: unknown): output is PromiseLike<unknown> =>
  typeof (output as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';

const failed = async (error: unknown): Promise<never> => {
  throw error;
};

const promised = async (tool: Tool, output: PromiseLike<unknown>): Promise<Json> =>
  checked(tool, await output);

/**
 * A copy: a tool may do with its input as it likes, the next attempt gets what is permitted. Nothing of the tool ran yet:
 * what is wrong here is no doubt about an effect.
 */
function inputOf(tool: Tool, args: Json): unknown {
  const parsed = tool.input.safeParse(copyJson(args));
  if (parsed.success) return parsed.data;
  throw new KnownOutcomeError(
    'TOOL_INPUT_INVALID',
    `the arguments do not fit the schema of ${tool.definition.name}: ${parsed.error.issues[0]?.message ?? ''}`,
    'Call the tool with arguments that fit its input schema.',
  );
}

/** It failed for good, and nobody needs to ask what became of the effect. */
class KnownOutcomeError extends TerminalError {}

function checked(tool: Tool, output: unknown): Json {
  const parsed = tool.output.safeParse(output);
  if (parsed.success) return copyJson(parsed.data);
  throw new KnownOutcomeError(
    'TOOL_OUTPUT_INVALID',
    `${tool.definition.name} returned what its schema forbids: ${parsed.error.issues[0]?.message ?? ''}`,
    'Mend the tool, or its output schema.',
  );
}

/** The action of a `ctx.step`. */
export function stepAction(name: string, fn: (context: ToolContext) => unknown, timeoutMs: number): Action {
  return {
    name,
    effect: 'idempotent',
    timeoutMs,
    run: async (_args, context) => copyJson(await fn(context)),
  };
}

/**
 * How a failed attempt is reported. A `once` tool that threw anything but a {@link NeverHappenedError} may have had
 * its effect: nobody can tell. One whose arguments were refused did not begin; one that returned what its schema
 * forbids did it, and has failed. // C1.3
 */
export function failureOf(action: Action, error: unknown): { error: ErrorRecord; unknown: boolean } {
  const record = errorRecord(error, 'TOOL_FAILED');
  const known = error instanceof NeverHappenedError || error instanceof KnownOutcomeError;
  return { error: record, unknown: action.effect === 'once' && !known };
}
