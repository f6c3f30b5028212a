import { describe, expect, it } from '@jest/globals';
import { sha256, TerminalError } from '@summit/kernel';
import { generate, MAX_REPLY_LENGTH } from './generate.ts';
import { findModel, modelsOf } from './models.ts';
import { type ModelPart, type ModelProvider, type ModelRequest } from './provider.ts';
import { scriptedModel } from './scripted.ts';

const request: ModelRequest = { instructions: '', messages: [{ role: 'user', content: 'Hi' }], tools: [] };
const finish: ModelPart = {
  type: 'finish',
  reason: 'stop',
  usage: { inputTokens: 3, outputTokens: 2 },
  model: 'm-1',
};

function providerOf(parts: () => AsyncIterable<ModelPart>): ModelProvider {
  return { stream: parts };
}
async function* these(...parts: unknown[]): AsyncGenerator<ModelPart> {
  for (const part of parts) yield (await Promise.resolve(part)) as ModelPart;
}

function listen() {
  const heard: string[] = [];
  const abort = new AbortController();
  let progress = 0;
  const generation = {
    signal: abort.signal,
    secret: () => undefined,
    onText: (delta: string) => heard.push(delta),
    onProgress: () => (progress += 1),
  };
  return { heard, abort, generation, progress: () => progress };
}

describe('a generation', () => {
  it('[C2.1] hands text on as it comes, and gathers it with count and digest', async () => {
    const { heard, generation } = listen();
    const text = (delta: string): ModelPart => ({ type: 'text', delta });
    const call: ModelPart = { type: 'tool-call', id: 'a', name: 'find', arguments: '{}' };
    const reply = await generate(
      providerOf(() => these(text('Hel'), text(''), text('lo'), call, finish)),
      request,
      generation,
    );
    expect(heard).toEqual(['Hel', 'lo']);
    expect(reply).toEqual({
      text: 'Hello',
      toolCalls: [{ id: 'a', name: 'find', arguments: '{}' }],
      finishReason: 'stop',
      usage: { inputTokens: 3, outputTokens: 2 },
      tokens: { count: 2, digest: sha256('Hello') },
      model: 'm-1',
    });
  });

  it.each([
    ['ends in the middle', [{ type: 'text', delta: 'Hel' }], 'MODEL_RESPONSE_INVALID'],
    ['says nothing at all', [], 'MODEL_RESPONSE_INVALID'],
    ['sends a part that nobody knows', [{ type: 'song' }, finish], 'MODEL_RESPONSE_INVALID'],
    ['sends text that is no text', [{ type: 'text', delta: 7 }, finish], 'MODEL_RESPONSE_INVALID'],
    ['calls a tool without a name', [{ type: 'tool-call', id: 'a' }, finish], 'MODEL_RESPONSE_INVALID'],
    [
      'does not stop',
      [{ type: 'text', delta: 'x'.repeat(MAX_REPLY_LENGTH) }, { type: 'text', delta: 'x' }, finish],
      'MODEL_RESPONSE_INVALID',
    ],
  ])('of a model that %s fails, to be tried again', async (_, parts, code) => {
    const { generation } = listen();
    const failed = generate(
      providerOf(() => these(...parts)),
      request,
      generation,
    );
    await expect(failed).rejects.toMatchObject({ code, retryable: true });
  });

  it('of a model that throws fails; what is final stays final', async () => {
    const throwing = (error: Error) =>
      generate(
        providerOf(() => these(Promise.reject(error))),
        request,
        listen().generation,
      );
    await expect(throwing(new Error('overloaded'))).rejects.toMatchObject({
      code: 'MODEL_FAILED',
      retryable: true,
    });
    const final = new TerminalError('NO', 'no', 'No.');
    await expect(throwing(final)).rejects.toBe(final);
  });

  it('ends when it is told to, though the model does not listen', async () => {
    const { generation, abort } = listen();
    const hangs = providerOf(async function* () {
      yield { type: 'text', delta: 'He' };
      await new Promise(() => undefined);
    });
    const failed = generate(hangs, request, generation);
    abort.abort(new Error('time is up'));
    await expect(failed).rejects.toThrow('time is up');
  });
});

describe('a scripted model', () => {
  const ask = (messages: ModelRequest['messages'], model: ModelProvider) =>
    generate(model, { ...request, messages }, listen().generation);
  const user = { role: 'user', content: 'Go' } as const;
  const said = { role: 'assistant', content: 'One' } as const;

  it('says its turns one after another, from the last thing that a user said on', async () => {
    const model = scriptedModel(['One', { toolCalls: [{ name: 'find', arguments: { a: 1 } }] }]);
    expect((await ask([user], model)).text).toBe('One');
    const second = await ask([user, said], model);
    expect(second.toolCalls).toEqual([{ id: 'call_2_0', name: 'find', arguments: '{"a":1}' }]);
    expect((await ask([user, said, said], model)).text).toBe('I have nothing more to say.');
    expect((await ask([user, said, user], model)).text).toBe('One');
  });

  it('answers the same to the same', async () => {
    const model = scriptedModel(({ messages }) => `I was told ${String(messages.length)} things.`);
    expect(await ask([user, said], model)).toEqual(await ask([user, said], model));
  });

  it('speaks token by token, at its pace', async () => {
    const { heard, generation } = listen();
    const began = performance.now();
    await generate(scriptedModel(['a b c'], { pace: 10 }), request, generation);
    expect(heard).toEqual(['a ', 'b ', 'c']);
    expect(performance.now() - began).toBeGreaterThan(15);
  });
});

describe('the models of an app', () => {
  const model = scriptedModel([]);
  const environment = { SUMMIT_MODEL_URL: 'http://127.0.0.1:1/v1', SUMMIT_MODEL_NAME: 'small' };

  it('take `default` from the environment, where the app names none', () => {
    expect(Object.keys(modelsOf({ other: model }, environment))).toEqual(['other', 'default']);
    expect(modelsOf({ default: model }, environment)['default']).toBe(model);
    expect(modelsOf({ other: model }, {})).toEqual({ other: model });
  });

  it('are found by name, and by nothing else', () => {
    expect(findModel({ default: model }, 'default')).toBe(model);
    for (const name of ['large', 'toString', '__proto__']) {
      expect(() => findModel({ default: model }, name)).toThrow('knows no model');
    }
  });
});
