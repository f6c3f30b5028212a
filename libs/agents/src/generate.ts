import { type ModelReply, type ModelToolCall } from '@summit/events';
import { sha256 } from '@summit/kernel';
import { modelFailed, nonsense } from './errors.ts';
import { type CallOptions, type ModelPart, type ModelProvider, type ModelRequest } from './provider.ts';

/** One answer is at most this long, UTF-16 units: its commit stays well under what one may be. */
export const MAX_REPLY_LENGTH = 256 * 1024;
/** Calls of tools in one answer. */
const MAX_TOOL_CALLS = 64;

/** Who listens while a model generates. */
export interface Generation extends CallOptions {
  /** A piece of text; the first as soon as it is there. */
  onText(delta: string): void;
  /** The stream lives: something came that counts. */
  onProgress(): void;
}

/**
 * Lets a model answer and gathers what it says. Rejects with `MODEL_FAILED`, `MODEL_RESPONSE_INVALID`, what the
 * provider threw where that is an error of ours, or the signal's reason.
 */
export async function generate(
  provider: ModelProvider,
  request: ModelRequest,
  generation: Generation,
): Promise<ModelReply> {
  const answer = new Answer();
  try {
    const { signal, secret } = generation;
    for await (const part of untilAborted(provider.stream(request, { signal, secret }), signal)) {
      answer.take(part, generation);
    }
  } catch (error) {
    throw generation.signal.aborted ? generation.signal.reason : modelFailed(error);
  }
  return answer.reply();
}

/** What has been said so far. */
class Answer {
  #text = '';
  #length = 0;
  #count = 0;
  readonly #toolCalls: ModelToolCall[] = [];
  #finish: Extract<ModelPart, { type: 'finish' }> | undefined;

  take(part: ModelPart, generation: Generation): void {
    switch (part.type) {
      case 'text':
        if (typeof part.delta !== 'string') throw nonsense('text that is no text');
        if (part.delta === '') return;
        this.#grow(part.delta.length);
        this.#text += part.delta;
        this.#count += 1;
        generation.onText(part.delta);
        break;
      case 'tool-call': {
        const { id, name, arguments: given } = part;
        if (typeof name !== 'string' || typeof given !== 'string')
          throw nonsense('a tool call without a name');
        this.#grow(given.length);
        if (this.#toolCalls.length >= MAX_TOOL_CALLS) throw nonsense('more tool calls than anybody needs');
        this.#toolCalls.push({ id, name, arguments: given });
        break;
      }
      case 'finish':
        this.#finish = part;
        break;
      default:
        throw nonsense('a part of a kind that nobody knows');
    }
    generation.onProgress();
  }

  reply(): ModelReply {
    if (!this.#finish) throw nonsense('its stream ended in the middle');
    const { reason, usage, model } = this.#finish;
    return {
      text: this.#text,
      toolCalls: this.#toolCalls,
      finishReason: reason,
      usage,
      tokens: { count: this.#count, digest: sha256(this.#text.toWellFormed()) },
      model,
    };
  }

  #grow(by: number): void {
    this.#length += by;
    if (this.#length > MAX_REPLY_LENGTH) throw nonsense(`longer than ${String(MAX_REPLY_LENGTH)} characters`);
  }
}

/** The items of an iterable until a signal says stop, even where the iterable does not listen to it. */
async function* untilAborted<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next === 'aborted') {
      void iterator.return?.().then(undefined, () => undefined);
      throw signal.reason;
    }
    if (next.done === true) return;
    yield next.value;
  }
}
