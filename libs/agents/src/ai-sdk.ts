import {
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Message,
} from '@ai-sdk/provider';
import { type Message, type ModelReply } from '@summit/events';
import { type ModelPart, type ModelProvider, type ModelRequest } from './provider.ts';
import { WireNames } from './wire-names.ts';

/** A language model of the AI SDK's provider packages (specification v4) as a {@link ModelProvider}. */
export function aiSdkModel(model: LanguageModelV4): ModelProvider {
  return {
    async *stream(request, { signal }): AsyncGenerator<ModelPart> {
      const names = new WireNames(request.tools.map(({ name }) => name));
      const { stream } = await model.doStream({ ...optionsOf(request, names), abortSignal: signal });
      let answered = model.modelId;
      for await (const part of stream) {
        switch (part.type) {
          case 'text-delta':
            yield { type: 'text', delta: part.delta };
            break;
          case 'tool-call': {
            const { toolCallId: id, toolName, input } = part;
            yield { type: 'tool-call', id, name: names.ours(toolName), arguments: input };
            break;
          }
          case 'response-metadata':
            answered = part.modelId ?? answered;
            break;
          case 'finish': {
            const { usage, finishReason } = part;
            if (finishReason.unified === 'interrupted') throw new Error('the stream broke off');
            yield { type: 'finish', reason: reasonOf(finishReason), usage: usageOf(usage), model: answered };
            break;
          }
          case 'error':
            throw part.error;
          default: // reasoning, sources, files: nothing of ours
        }
      }
    },
  };
}

function optionsOf(request: ModelRequest, names: WireNames): LanguageModelV4CallOptions {
  const { instructions, messages, tools, maxOutputTokens, temperature } = request;
  const system: LanguageModelV4Message[] =
    instructions === '' ? [] : [{ role: 'system', content: instructions }];
  return {
    prompt: [...system, ...messages.map((message) => promptOf(message, names))],
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, input }) => {
        return { type: 'function', name: names.theirs(name), description, inputSchema: schemaOf(input) };
      }),
    }),
  };
}

type Schema = Extract<
  NonNullable<LanguageModelV4CallOptions['tools']>[number],
  { type: 'function' }
>['inputSchema'];

/** A tool's schema is an object: `defineTool` made it from Zod's. */
const schemaOf = (input: unknown): Schema => (typeof input === 'object' && input !== null ? input : {});

function promptOf(message: Message, names: WireNames): LanguageModelV4Message {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.content }] };
    case 'assistant': {
      const text = message.content === '' ? [] : [{ type: 'text' as const, text: message.content }];
      const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }) => {
        return {
          type: 'tool-call' as const,
          toolCallId: id,
          toolName: names.theirs(name),
          input: valueOf(given),
        };
      });
      return { role: 'assistant', content: [...text, ...calls] };
    }
    case 'tool': {
      const { toolCallId, name, content: value, isError } = message;
      const output = { type: isError === true ? ('error-text' as const) : ('text' as const), value };
      const toolName = names.theirs(name);
      return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] };
    }
  }
}

/** Arguments that do not parse go back as the text that they were. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

type Part =
  Awaited<ReturnType<LanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer P> ? P : never;
type Finish = Extract<Part, { type: 'finish' }>;

function reasonOf({ unified }: Finish['finishReason']): ModelReply['finishReason'] {
  return unified === 'error' || unified === 'interrupted' ? 'other' : unified;
}

const usageOf = ({ inputTokens, outputTokens }: Finish['usage']): ModelReply['usage'] => ({
  inputTokens: count(inputTokens.total),
  outputTokens: count(outputTokens.total),
});

const count = (tokens: number | undefined): number =>
  tokens !== undefined && Number.isInteger(tokens) && tokens >= 0 ? tokens : 0;
