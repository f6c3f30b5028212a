import { type Duration, durationMs, type Json } from '@summit/kernel';
import { type ModelPart, type ModelProvider, type ModelRequest } from './provider.ts';

/** A call of a tool that a script makes. Arguments: JSON, or text as a model might have written it. */
export interface ScriptedCall {
  readonly name: string;
  readonly arguments: Json;
  readonly id?: string;
}

/** What a scripted model says in one turn: text, calls of tools, or both. */
export type ScriptedTurn = string | { readonly text?: string; readonly toolCalls?: readonly ScriptedCall[] };

/** A turn for a conversation, or turns one after another from the last thing a user said on. */
export type Script = readonly ScriptedTurn[] | ((request: ModelRequest) => ScriptedTurn);

export interface ScriptedOptions {
  /** Between two tokens; none where it is not given. */
  readonly pace?: Duration;
  /** What it calls itself. */
  readonly name?: string;
}

/**
 * A model that says what it was told to, token by token: for tests, demonstrations and examples. The same conversation
 * gets the same answer.
 */
export function scriptedModel(
  script: Script,
  { pace = 0, name = 'scripted' }: ScriptedOptions = {},
): ModelProvider {
  const paceMs = durationMs(pace);
  return {
    async *stream(request, { signal }): AsyncGenerator<ModelPart> {
      const turn = typeof script === 'function' ? script(request) : turnOf(script, request);
      const { text = '', toolCalls = [] } = typeof turn === 'string' ? { text: turn } : turn;
      const tokens = text.match(/\S+\s*|\s+/g) ?? [];
      for (const [i, delta] of tokens.entries()) {
        if (paceMs > 0 && i > 0) await pause(paceMs, signal);
        yield { type: 'text', delta };
      }
      for (const [i, call] of toolCalls.entries()) {
        const given = call.arguments;
        const id = call.id ?? `call_${String(request.messages.length)}_${String(i)}`;
        const text = typeof given === 'string' ? given : JSON.stringify(given);
        yield { type: 'tool-call', id, name: call.name, arguments: text };
      }
      const usage = { inputTokens: estimate(request), outputTokens: tokens.length + toolCalls.length };
      yield { type: 'finish', reason: toolCalls.length > 0 ? 'tool-calls' : 'stop', usage, model: name };
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Error('the call was given up'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

function turnOf(turns: readonly ScriptedTurn[], { messages }: ModelRequest): ScriptedTurn {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const said = messages.slice(asked + 1).filter(({ role }) => role === 'assistant').length;
  return turns[said] ?? 'I have nothing more to say.';
}

const estimate = ({ instructions, messages }: ModelRequest): number =>
  Math.ceil((instructions.length + JSON.stringify(messages).length) / 4);
