import { type ToolDefinition } from '@summit/events';
import { canonicalJson, type Json } from '@summit/kernel';
import { viewOf } from '@summit/policy';
import { type ActionText } from './run.input.ts';

/** One attempt of a tool call. */
export interface ToolAttempt {
  readonly name: string;
  /** Digest of the definition that was proposed. */
  readonly tool: string;
  readonly definition: ToolDefinition | undefined;
  readonly attempt: number;
  readonly hash: string;
}

/** One attempt of a tool call as policy is shown it; `text` is the canonical text of the arguments. */
export function toolAction(
  { name: proposed, tool, definition, attempt, hash }: ToolAttempt,
  args: Json,
  text: string = canonicalJson(args),
): ActionText {
  const { name, rest, after } = definition ? registeredWords(definition, tool) : unknownWords(proposed, tool);
  const view = viewOf(args, text);
  const shown =
    'args' in view
      ? `"args":${text}`
      : `"argsBytes":${String(view.argsBytes)},"argsDigest":"${view.argsDigest}"`;
  const said = attempt === 1 && 'args' in view && name === proposed;
  return {
    kind: 'tool',
    text: `{"actionHash":"${hash}",${shown},"attempt":${String(attempt)},${after}`,
    rest: said ? rest : undefined,
  };
}

/** What all questions about calls of a tool have in common: canonical text. */
interface ToolWords {
  readonly name: string;
  readonly tool: string;
  /** What of it no commit says. */
  readonly rest: string;
  /** Members behind `attempt`. */
  readonly after: string;
}

/** Written once a definition, since a question is asked for every call. */
const known = new WeakMap<ToolDefinition, ToolWords>();

function registeredWords(definition: ToolDefinition, tool: string): ToolWords {
  let words = known.get(definition);
  if (words?.tool !== tool) known.set(definition, (words = toolWords(definition, true, tool)));
  return words;
}

const unknownWords = (name: string, tool: string): ToolWords =>
  toolWords({ name, effect: 'once', sensitive: true }, false, tool);

function toolWords(
  { name, effect, sensitive }: Pick<ToolDefinition, 'name' | 'effect' | 'sensitive'>,
  registered: boolean,
  tool: string,
): ToolWords {
  const terms = `"registered":${String(registered)},"sensitive":${canonicalJson(sensitive)}`;
  const named = `"effect":${canonicalJson(effect)},"kind":"tool","name":${canonicalJson(name)}`;
  return { name, tool, rest: `{${terms}}`, after: `${named},${terms},"tool":${canonicalJson(tool)}}` };
}
