import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ModelReply } from '@summit/events';
import { isObject } from '@summit/kernel';
import { generate } from './generate.ts';
import { openAiCompatible } from './openai-compatible.ts';
import { type ModelRequest } from './provider.ts';

const KEY = 'sk-very-secret-0123456789';

/** An endpoint that speaks OpenAI's chat completions as the test wants it to. */
class Endpoint {
  readonly #server: Server;
  requests: {
    readonly path: string;
    readonly key: string | undefined;
    readonly body: Record<string, unknown>;
  }[] = [];
  /** Chunks of the stream; a function is awaited before what follows. */
  chunks: (string | (() => Promise<void>))[] = [];
  status = 200;

  constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        const body: unknown = JSON.parse(await textOf(request));
        const { url: path = '', headers } = request;
        this.requests.push({ path, key: headers.authorization, body: isObject(body) ? body : {} });
        const type = this.status === 200 ? 'text/event-stream' : 'application/json';
        response.writeHead(this.status, { 'content-type': type });
        for (const chunk of this.chunks) {
          if (typeof chunk === 'string') response.write(chunk);
          else await chunk();
        }
        response.end();
      })();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/v1`;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const event = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'x', model: 'small-2', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
const usage = { usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } };
const DONE = 'data: [DONE]\n\n';

const request: ModelRequest = {
  instructions: 'Be kind.',
  messages: [
    { role: 'user', content: 'Refund o-1' },
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'a', name: 'orders.find', arguments: '{"id":"o-1"}' }],
    },
    { role: 'tool', toolCallId: 'a', name: 'orders.find', content: '{"cents":1}' },
  ],
  tools: [{ name: 'orders.find', description: 'Finds', input: { type: 'object', properties: {} } }],
  maxOutputTokens: 50,
};

describe('an endpoint that speaks chat completions', () => {
  const endpoint = new Endpoint();
  const heard: string[] = [];
  beforeAll(() => endpoint.start());
  afterAll(() => {
    endpoint.stop();
  });
  beforeEach(() => {
    endpoint.requests = [];
    endpoint.status = 200;
    heard.length = 0;
  });

  const ask = (options: { keyEnv?: string; signal?: AbortSignal } = {}): Promise<ModelReply> =>
    generate(openAiCompatible({ url: endpoint.url, model: 'small', keyEnv: options.keyEnv }), request, {
      signal: options.signal ?? new AbortController().signal,
      secret: (name) => (name === 'THE_KEY' ? KEY : undefined),
      onText: (delta) => heard.push(delta),
      onProgress: () => undefined,
    });

  it('[C2.1] streams text before the answer is complete', async () => {
    let heardBefore = '';
    const until = async (): Promise<void> => {
      while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
      heardBefore = heard.join('');
    };
    endpoint.chunks = [
      event({ role: 'assistant', content: 'Hel' }),
      until,
      event({ content: 'lo' }, 'stop', usage),
      DONE,
    ];
    expect(await ask({ keyEnv: 'THE_KEY' })).toMatchObject({
      text: 'Hello',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 11, outputTokens: 7 },
      model: 'small-2',
    });
    expect(heardBefore).toBe('Hel');
    const [sent] = endpoint.requests;
    expect(sent).toMatchObject({ path: '/v1/chat/completions', key: `Bearer ${KEY}` });
    expect(sent?.body).toMatchObject({ model: 'small', stream: true, max_tokens: 50 });
  });

  it('is told the conversation, and tools under names that it takes', async () => {
    endpoint.chunks = [event({ content: 'Fine.' }, 'stop'), DONE];
    await ask();
    const [sent] = endpoint.requests;
    expect(sent?.key).toBeUndefined();
    expect(sent?.body['tools']).toMatchObject([{ type: 'function', function: { name: 'orders_find' } }]);
    expect(sent?.body['messages']).toMatchObject([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Refund o-1' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', function: { name: 'orders_find', arguments: '{"id":"o-1"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"cents":1}' },
    ]);
  });

  it('calls tools by our names; what does not exist or does not parse comes through as it is', async () => {
    const call = (index: number, id: string, name: string, args: string): string =>
      event({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }] });
    endpoint.chunks = [
      call(0, 'a', 'orders_find', '{"id":'),
      event({ tool_calls: [{ index: 0, function: { arguments: '"o-1"}' } }] }),
      call(1, 'b', 'orders_burn', '{}'),
      call(2, 'c', 'orders_find', '{"id":'),
      event({}, 'tool_calls', usage),
      DONE,
    ];
    const { toolCalls, finishReason } = await ask();
    expect(finishReason).toBe('tool-calls');
    expect(toolCalls).toEqual([
      { id: 'a', name: 'orders.find', arguments: '{"id":"o-1"}' },
      { id: 'b', name: 'orders_burn', arguments: '{}' },
      { id: 'c', name: 'orders.find', arguments: '{"id":' },
    ]);
  });

  it.each([
    [401, 'MODEL_REFUSED', false],
    [404, 'MODEL_REFUSED', false],
    [429, 'MODEL_FAILED', true],
    [500, 'MODEL_FAILED', true],
  ])('that answers %i is %s, and its key stands in no error', async (status, code, retryable) => {
    endpoint.status = status;
    endpoint.chunks = [JSON.stringify({ error: { message: `wrong key ${KEY}` } })];
    const failed = ask({ keyEnv: 'THE_KEY' });
    await expect(failed).rejects.toMatchObject({ code, retryable });
    await expect(failed).rejects.not.toThrow(KEY);
  });

  it.each([
    ['breaks off', [event({ content: 'Hel' })]],
    ['answers with something else', ['data: {"song":\n\n', DONE]],
    ['answers with nothing', [DONE]],
  ])('that %s fails, to be tried again', async (_, chunks) => {
    endpoint.chunks = chunks;
    await expect(ask()).rejects.toMatchObject({ retryable: true });
  });

  it('that hangs is given up when time is up', async () => {
    const abort = new AbortController();
    endpoint.chunks = [
      event({ content: 'Hel' }),
      async () => {
        while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
        abort.abort(new Error('time is up'));
        await new Promise(() => undefined);
      },
    ];
    await expect(ask({ signal: abort.signal })).rejects.toThrow('time is up');
  });

  it('is not asked without its key, and nobody there is said so', async () => {
    await expect(ask({ keyEnv: 'NO_SUCH_KEY' })).rejects.toMatchObject({ code: 'MODEL_KEY_MISSING' });
    expect(endpoint.requests).toEqual([]);
    const nobody = openAiCompatible({ url: 'http://127.0.0.1:9/v1', model: 'small' });
    const generation = {
      signal: new AbortController().signal,
      secret: () => undefined,
      onText: () => undefined,
      onProgress: () => undefined,
    };
    await expect(generate(nobody, request, generation)).rejects.toMatchObject({ retryable: true });
  });
});
