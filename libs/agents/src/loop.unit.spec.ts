import { describe, expect, it } from '@jest/globals';
import { type Message, type ModelReply, type ModelToolCall } from '@summit/events';
import { z } from 'zod';
import { type Loop, runLoop, withoutLooseEnds } from './loop.ts';
import { answerCall, type CallableTool, MAX_ANSWER_LENGTH } from './tool-answer.ts';

const reply = (text: string, ...toolCalls: ModelToolCall[]): ModelReply => ({
  text,
  toolCalls,
  finishReason: toolCalls.length > 0 ? 'tool-calls' : 'stop',
  usage: { inputTokens: 1, outputTokens: 1 },
  tokens: { count: 1, digest: '' },
  model: 'm',
});
const call = (id: string, name = 'find', args = '{}'): ModelToolCall => ({ id, name, arguments: args });

/** A loop over replies that are there already; what was asked and appended is kept. */
function loopOf(replies: ModelReply[], more: Partial<Loop> = {}) {
  const asked: (readonly Message[])[] = [];
  const appended: Message[] = [];
  const loop: Loop = {
    conversation: [{ role: 'user', content: 'Go' }],
    maxTurns: 5,
    ask: (messages) => {
      asked.push([...messages]);
      return Promise.resolve(replies[asked.length - 1] ?? reply('nothing'));
    },
    answer: ({ id }) => Promise.resolve({ content: `answer to ${id}` }),
    all: (answers) => Promise.all(answers),
    append: (message) => appended.push(message),
    ...more,
  };
  return { loop, asked, appended };
}

describe('the model–tool loop', () => {
  it('ends with the words that the model answers', async () => {
    const { loop, appended } = loopOf([reply('Hello')]);
    expect(await runLoop(loop)).toBe('Hello');
    expect(appended).toEqual([{ role: 'assistant', content: 'Hello' }]);
  });

  it('gives the answers of a turn back in the order in which the model asked, whichever came first', async () => {
    const slow = new Map([
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ]);
    const { loop, asked } = loopOf([reply('', call('a'), call('b'), call('c')), reply('Done')], {
      answer: async ({ id }) => {
        for (let i = 0; i < (slow.get(id) ?? 0); i++) await Promise.resolve();
        return { content: id };
      },
    });
    await runLoop(loop);
    expect(asked[1]?.slice(2).map((message) => message.content)).toEqual(['a', 'b', 'c']);
  });

  it('asks again with all that was said', async () => {
    const { loop, asked } = loopOf([reply('', call('a')), reply('', call('b')), reply('Done')]);
    await runLoop(loop);
    expect(asked.map((messages) => messages.map(({ role }) => role).join())).toEqual([
      'user',
      'user,assistant,tool',
      'user,assistant,tool,assistant,tool',
    ]);
  });

  it('ends where the model never answers in words', async () => {
    const { loop } = loopOf(Array.from({ length: 9 }, () => reply('', call('a'))));
    await expect(runLoop(loop)).rejects.toMatchObject({ code: 'AGENT_TURNS_EXCEEDED', retryable: false });
  });

  it('does not begin with calls that nobody answered', () => {
    const messages: Message[] = [
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: '', toolCalls: [call('a'), call('b')] },
      { role: 'tool', toolCallId: 'a', name: 'find', content: '1' },
      { role: 'user', content: 'Are you there?' },
    ];
    const mended = withoutLooseEnds(messages);
    expect(mended.map((message) => (message.role === 'tool' ? message.toolCallId : message.role))).toEqual([
      'user',
      'assistant',
      'b',
      'a',
      'user',
    ]);
  });
});

describe('the answer to a call', () => {
  const find: CallableTool = {
    input: z.object({ id: z.string().optional() }),
    call: (args) => Promise.resolve({ found: args }),
  };
  const fails: CallableTool = { input: z.unknown(), call: () => Promise.reject(new Error('told')) };
  const dies: CallableTool = { input: z.unknown(), call: () => Promise.reject(new TypeError('not told')) };
  const big: CallableTool = { input: z.unknown(), call: () => Promise.resolve('x'.repeat(100_000)) };
  const tools = new Map(Object.entries({ find, fails, dies, big }));
  const told = (error: unknown) =>
    error instanceof TypeError ? undefined : { code: 'DENIED', message: String(error) };
  const answer = (one: ModelToolCall) => answerCall(one, tools, told);

  it('is the tool’s output as JSON', async () => {
    expect(await answer(call('a', 'find', '{"id":"7"}'))).toEqual({ content: '{"found":{"id":"7"}}' });
  });

  it('takes no arguments for none', async () => {
    expect(await answer(call('a', 'find', ''))).toEqual({ content: '{"found":{}}' });
  });

  it.each([
    ['a tool that does not exist', call('a', 'burn'), 'TOOL_UNKNOWN'],
    ['a name that an object has anyway', call('a', 'constructor'), 'TOOL_UNKNOWN'],
    ['arguments that do not parse', call('a', 'find', '{"id":'), 'TOOL_ARGUMENTS_INVALID'],
    ['arguments that do not fit', call('a', 'find', '{"id":7}'), 'TOOL_ARGUMENTS_INVALID'],
    ['arguments of another kind', call('a', 'find', '"id"'), 'TOOL_ARGUMENTS_INVALID'],
    ['what was denied', call('a', 'fails'), 'DENIED'],
  ])('tells of %s', async (_, one, code) => {
    const { content, isError } = await answer(one);
    expect(isError).toBe(true);
    expect(JSON.parse(content)).toMatchObject({ error: code, message: expect.any(String) });
  });

  it('[C3.2] says first which arguments were executed, where they were changed: result or failure', async () => {
    const executedWith = { id: '8' };
    const changed = (settle: () => Promise<unknown>): CallableTool => ({
      input: z.unknown(),
      call: (_args, _id, executed) => {
        executed(executedWith);
        return settle();
      },
    });
    tools.set(
      'edited',
      changed(() => Promise.resolve({ found: 8 })),
    );
    tools.set(
      'edited and failed',
      changed(() => Promise.reject(new Error('told'))),
    );
    const result = JSON.parse((await answer(call('a', 'edited', '{"id":"7"}'))).content) as object;
    expect(result).toEqual({ note: expect.any(String), executedWith, result: { found: 8 } });
    const failed = await answer(call('a', 'edited and failed', '{"id":"7"}'));
    expect(failed.isError).toBe(true);
    expect(JSON.parse(failed.content)).toMatchObject({ executedWith, error: 'DENIED' });
    expect(failed.content).toMatch(/^{"note":".*","executedWith"/);
  });

  it('is none where the run is to end', async () => {
    await expect(answer(call('a', 'dies'))).rejects.toThrow('not told');
  });

  it('is cut where it is long, and says so', async () => {
    const { content } = await answer(call('a', 'big'));
    expect(content.length).toBeLessThan(MAX_ANSWER_LENGTH + 100);
    expect(content).toMatch(/cut here; it has 100002 characters/);
  });
});
