import { type Effect } from '@summit/events';
import { errorRecord, type ErrorRecord, type Json, TerminalError } from '@summit/kernel';
import { NeverHappenedError } from './errors.ts';
import { type Reconciled, type Tool, type ToolContext } from './tool.ts';

/** What an executor runs under a permit. */
export interface Action {
  readonly name: string;
  readonly effect: Effect;
  readonly timeoutMs: number;
  /** Runs one attempt; validates what goes in and what comes out. */
  run(args: Json, context: ToolContext): Promise<Json>;
  reconcile?(args: Json, context: ToolContext): Promise<Reconciled<Json>>;
}

/** The action of a tool call. */
export function toolAction(tool: Tool): Action {
  const { name, effect, timeoutMs, reconciles } = tool.definition;
  return {
    name,
    effect,
    timeoutMs,
    async run(args, context) {
      const output: unknown = await tool.execute(tool.input.parse(args), context);
      return checked(tool, output);
    },
    ...(reconciles && {
      async reconcile(args: Json, context: ToolContext) {
        const verdict = await tool.reconcile?.(tool.input.parse(args), context);
        if (verdict?.verdict === 'done') return { verdict: 'done', output: checked(tool, verdict.output) };
        return verdict ?? { verdict: 'unknown', reason: 'the tool has no reconcile' };
      },
    }),
  };
}

function checked(tool: Tool, output: unknown): Json {
  const parsed = tool.output.safeParse(output);
  if (parsed.success) return (parsed.data ?? null) as Json;
  throw new TerminalError(
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
    run: async (_args, context) => ((await fn(context)) ?? null) as Json,
  };
}

/**
 * How a failed attempt is reported. A `once` tool that threw anything but a {@link NeverHappenedError} may have had
 * its effect: nobody can tell. // C1.3
 */
export function failureOf(action: Action, error: unknown): { error: ErrorRecord; unknown: boolean } {
  const record = errorRecord(error, 'TOOL_FAILED');
  return { error: record, unknown: action.effect === 'once' && !(error instanceof NeverHappenedError) };
}
