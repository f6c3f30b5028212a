import { type ModelToolCall } from '@summit/events';
import { type ErrorRecord, type Json } from '@summit/kernel';
import { type z } from 'zod';

/** A tool's answer goes back to the model up to this many UTF-16 units; the whole is in the step's outcome. */
export const MAX_ANSWER_LENGTH = 16 * 1024;

/** What a model is told of a call. */
export interface ToolAnswer {
  readonly content: string;
  readonly isError?: boolean;
}

/** A tool that a model may call. */
export interface CallableTool {
  readonly input: z.ZodType;
  /**
   * `id`: of the call; the key of its step. `executed` is told, before the promise is settled, which arguments were
   * executed, where they are not those that were given.
   */
  call(args: Json, id: string, executed: (args: Json) => void): Promise<unknown>;
}

/**
 * Answers a call of a model. What it got wrong (a tool that does not exist, arguments that do not parse or fit), and
 * what was denied, rejected or failed, is told to it as the answer; it may try otherwise. [C3.2] Where a person or
 * policy changed its arguments, it is told with which ones the tool was called. Rejects with what `told` does not take.
 */
export async function answerCall(
  { id, name, arguments: text }: ModelToolCall,
  tools: ReadonlyMap<string, CallableTool>,
  told: (error: unknown) => ErrorRecord | undefined,
): Promise<ToolAnswer> {
  const tool = tools.get(name);
  if (!tool) {
    const known = [...tools.keys()].join(', ') || 'none';
    return failure(
      'TOOL_UNKNOWN',
      `there is no tool ${JSON.stringify(name.slice(0, 128))}; there are: ${known}`,
    );
  }
  const args = parse(text);
  if (args === undefined) return failure('TOOL_ARGUMENTS_INVALID', 'the arguments are no JSON');
  const fits = tool.input.safeParse(args);
  if (!fits.success) {
    const issues = fits.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`,
    );
    return failure('TOOL_ARGUMENTS_INVALID', issues.slice(0, 5).join('; '));
  }
  const changed: Changed = {};
  const executed = (by: Json): void => {
    changed.note = CHANGED;
    changed.executedWith = by;
  };
  try {
    const result = await tool.call(args, id, executed);
    return { content: bounded(JSON.stringify(changed.note === undefined ? result : { ...changed, result })) };
  } catch (error) {
    const record = told(error);
    if (!record) throw error;
    return failure(record.code, record.message, changed);
  }
}

/** What comes before the result of a call whose arguments were changed: first, so that it is never cut off. */
interface Changed {
  note?: string;
  executedWith?: Json;
}

const CHANGED =
  'The arguments of this call were changed before it was executed, by a person or by policy. ' +
  'What follows came of executedWith, not of the arguments that you gave.';

const failure = (code: string, message: string, changed: Changed = {}): ToolAnswer => ({
  content: bounded(JSON.stringify({ ...changed, error: code, message })),
  isError: true,
});

/** No arguments at all are an empty object, as some models write it. */
function parse(text: string): Json | undefined {
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

function bounded(text: string): string {
  if (text.length <= MAX_ANSWER_LENGTH) return text;
  return `${text.slice(0, MAX_ANSWER_LENGTH).toWellFormed()} (cut here; it has ${String(text.length)} characters)`;
}
