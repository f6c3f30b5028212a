import { RefusedError, RetryableError, SummitError, TerminalError } from '@summit/kernel';
import { aiSdkModel } from './ai-sdk.ts';
import { type CallOptions, type ModelPart, type ModelProvider } from './provider.ts';

/** Where a model is to be had. */
export interface EndpointOptions {
  /** Up to and without `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  /** The model's name there. */
  readonly model: string;
  /**
   * Name of the environment variable of the executor that holds the key. The key itself is looked up when a call is
   * made and goes into its header alone: never into code, journal, policy or log.
   */
  readonly keyEnv?: string | undefined;
}

/** A model behind an endpoint that speaks OpenAI's chat completions. */
export function openAiCompatible(options: EndpointOptions): ModelProvider {
  // It takes a tenth of a second: begun where an app names an endpoint, so that no first token waits for it.
  const loaded = import('@ai-sdk/openai-compatible');
  loaded.catch(() => undefined); // whoever calls is told
  return {
    async *stream(request, { signal, secret }): AsyncGenerator<ModelPart> {
      const key = keyOf(options, secret);
      const { createOpenAICompatible } = await loaded;
      const provider = createOpenAICompatible({
        name: 'summit',
        baseURL: options.url.replace(/\/+$/, ''),
        includeUsage: true,
        ...(key !== undefined && { apiKey: key }),
      });
      try {
        yield* aiSdkModel(provider.chatModel(options.model)).stream(request, { signal, secret });
      } catch (error) {
        throw errorOf(error, key);
      }
    },
  };
}

function keyOf({ keyEnv }: EndpointOptions, secret: CallOptions['secret']): string | undefined {
  if (keyEnv === undefined) return undefined;
  const key = secret(keyEnv);
  if (key !== undefined && key !== '') return key;
  throw new TerminalError(
    'MODEL_KEY_MISSING',
    `the environment of the executor has no ${keyEnv}`,
    'Set it to the key of the endpoint, and start the executor again.',
  );
}

/** What an endpoint refuses stays refused; what it could not do just now may be tried again. */
function errorOf(error: unknown, key: string | undefined): unknown {
  if (error instanceof SummitError || !(error instanceof Error)) return error;
  const said = key === undefined ? error.message : error.message.replaceAll(key, '***');
  const status = 'statusCode' in error ? error.statusCode : undefined;
  const again = !('isRetryable' in error) || error.isRetryable === true;
  if (again || typeof status !== 'number') {
    return new RetryableError('MODEL_FAILED', `the model's endpoint failed: ${said}`, 'It is tried again.');
  }
  return new RefusedError(
    'MODEL_REFUSED',
    `the model's endpoint refused the call (${String(status)}): ${said}`,
    'Look at the model’s name, the key and the settings of the call.',
  );
}
