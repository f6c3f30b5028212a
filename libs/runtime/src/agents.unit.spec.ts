import { describe, expect, it } from '@jest/globals';
import { type ModelProvider, type Script, scriptedModel } from '@summit/agents';
import { type EventOf, type Message } from '@summit/events';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { type App, defineAgent, defineApp, defineTool, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';
import { Scene } from './scene.fixture.ts';
import { type Token } from './tokens/tokens.ts';

const looked: string[] = [];
const lookUp = defineTool({
  name: 'orders.find',
  description: 'Finds an order',
  input: z.object({ orderId: z.string() }),
  output: z.object({ cents: z.number() }),
  effect: 'idempotent',
  execute: ({ orderId }) => {
    looked.push(orderId);
    return { cents: 4200 };
  },
});
const broken = defineTool({
  name: 'orders.break',
  input: z.object({}),
  output: z.object({}),
  effect: 'idempotent',
  retry: { maxAttempts: 1 },
  execute: () => {
    throw new Error('the shelf fell over');
  },
});

const find = (orderId: string, id = `c-${orderId}`) => ({ name: 'orders.find', arguments: { orderId }, id });

function appOf(model: ModelProvider, more: Partial<Parameters<typeof defineAgent>[0]> = {}): App {
  const tools = [lookUp, broken];
  const base = { name: 'support', version: '1', tools, instructions: 'Be kind.' };
  return defineApp({ name: 'test', agents: [defineAgent({ ...base, ...more })], models: { default: model } });
}
const scripted = (script: Script, pace = 0): App => appOf(scriptedModel(script, { pace }));

describe('an agent', () => {
  const scene = new Scene();

  const appended = (runId: string): EventOf<'MessageAppended'>[] =>
    scene.world.events(runId).filter((event) => event.type === 'MessageAppended');
  const messages = (runId: string): (Message | undefined)[] =>
    appended(runId).map(({ data }) => data?.message);
  const tokensOf = (runId: string, threadId: string): Token[] => {
    const heard: Token[] = [];
    scene.world.tokens.listen({ tenant: 'acme', threadId, runId }, (token) => heard.push(token));
    return heard;
  };

  it('[C1.2] asks its model, calls the tools that it asks for, and answers in words', async () => {
    looked.length = 0;
    await scene.ready(
      scripted([{ text: 'Let me look.', toolCalls: [find('o1'), find('o2')] }, 'It cost 42.']),
    );
    const runId = await scene.world.say('support', 'What did o1 cost?', 'chat');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'It cost 42.' });
    expect(looked.sort()).toEqual(['o1', 'o2']);
    expect(messages(runId)).toEqual([
      { role: 'user', content: 'What did o1 cost?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        toolCalls: [
          { id: 'c-o1', name: 'orders.find', arguments: '{"orderId":"o1"}' },
          { id: 'c-o2', name: 'orders.find', arguments: '{"orderId":"o2"}' },
        ],
      },
      { role: 'tool', toolCallId: 'c-o1', name: 'orders.find', content: '{"cents":4200}' },
      { role: 'tool', toolCallId: 'c-o2', name: 'orders.find', content: '{"cents":4200}' },
      { role: 'assistant', content: 'It cost 42.' },
    ]);
    expect(appended(runId).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  it('[C5.1] shows policy which model, how much, and the last message, never the conversation', async () => {
    const asked: unknown[] = [];
    const policy = policyTwin(({ action }) => {
      if (action.kind === 'model') asked.push(action);
      return twinAllow;
    });
    await scene.ready(scripted([{ toolCalls: [find('o1')] }, 'Done.']), { policy });
    await scene.world.ended(await scene.world.say('support', 'Hello, my secret is 1234'));
    expect(asked).toMatchObject([
      {
        name: 'default',
        attempt: 1,
        usedTokens: 0,
        call: {
          agent: 'support',
          conversation: { messages: 1 },
          last: { role: 'user', content: 'Hello, my secret is 1234' },
          tools: ['orders.find', 'orders.break'],
        },
      },
      { call: { conversation: { messages: 3 }, last: { role: 'tool' } } },
    ]);
    expect(JSON.stringify(asked[1])).not.toContain('1234');
    expect((asked[1] as { usedTokens: number }).usedTokens).toBeGreaterThan(0);
  });

  it('[C5.1] does not call a model that policy denies', async () => {
    const policy = policyTwin(({ action }) =>
      action.kind === 'model' ? twinDeny('no models today') : twinAllow,
    );
    await scene.ready(scripted(['Never said.']), { policy });
    const runId = await scene.world.say('support', 'Hello', 'chat');
    const { status, error } = await scene.world.ended(runId);
    expect({ status, error }).toMatchObject({ status: 'failed', error: { code: 'POLICY_DENIED' } });
    expect(tokensOf(runId, 'chat')).toEqual([]);
  });

  it('[C4.1] goes on with the conversation of its thread', async () => {
    const seen: number[] = [];
    const model: Script = ({ messages: said }) => {
      seen.push(said.length);
      return `You have said ${String(said.filter(({ role }) => role === 'user').length)} things.`;
    };
    await scene.ready(scripted(model));
    await scene.world.ended(await scene.world.say('support', 'One', 'chat'));
    const second = await scene.world.say('support', 'Two', 'chat');
    expect(await scene.world.ended(second)).toMatchObject({ output: 'You have said 2 things.' });
    expect(await scene.world.ended(await scene.world.say('support', 'One', 'another'))).toMatchObject({
      output: 'You have said 1 things.',
    });
    expect(seen).toEqual([1, 3, 1]);
    expect(appended(second).map(({ index }) => index)).toEqual([2, 3]);
  });

  it('[C4.1] [I6] knows the conversation under another leader, who read it from the journal', async () => {
    const model: Script = ({ messages: said }) => `${String(said.length)} messages, and words of my own.`;
    await scene.ready(scripted(model, 100));
    await scene.world.ended(await scene.world.say('support', 'One', 'chat'));
    const second = await scene.world.say('support', 'Two', 'chat');
    await scene.world.pass(200);
    await scene.world.lead();
    expect((await scene.world.ended(second))['output']).toMatch(/^3 messages/);
    const third = await scene.world.say('support', 'Three', 'chat');
    expect((await scene.world.ended(third))['output']).toMatch(/^5 messages/);
    expect(appended(third).map(({ index }) => index)).toEqual([4, 5]);
  });

  it('[C4.1] answers each of several messages in its turn, with what came before it', async () => {
    const model: Script = ({ messages: said }) => said.map(({ content }) => content).join(' | ');
    await scene.ready(scripted(model, 50));
    const first = await scene.world.say('support', 'a', 'chat');
    const second = await scene.world.say('support', 'b', 'chat');
    const third = await scene.world.say('support', 'c', 'chat');
    expect((await scene.world.ended(first))['output']).toBe('a');
    expect((await scene.world.ended(second))['output']).toBe('a | a | b');
    expect((await scene.world.ended(third))['output']).toBe('a | a | b | a | a | b | c');
    const indices = [first, second, third].flatMap((id) => appended(id).map(({ index }) => index));
    expect(indices.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('tells the model of a tool that does not exist and of arguments that do not parse or fit', async () => {
    const calls = [
      { name: 'orders.burn', arguments: {}, id: 'a' },
      { name: 'orders.find', arguments: '{"orderId":', id: 'b' },
      { name: 'orders.find', arguments: { orderId: 7 }, id: 'c' },
    ];
    await scene.ready(scripted([{ toolCalls: calls }, 'Sorry.']));
    const runId = await scene.world.say('support', 'Go');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'Sorry.' });
    const answers = messages(runId).filter((message) => message?.role === 'tool');
    expect(answers).toMatchObject([
      { toolCallId: 'a', isError: true, content: expect.stringContaining('TOOL_UNKNOWN') },
      { toolCallId: 'b', isError: true, content: expect.stringContaining('TOOL_ARGUMENTS_INVALID') },
      { toolCallId: 'c', isError: true, content: expect.stringContaining('orderId') },
    ]);
    expect(scene.types(runId).filter((type) => type === 'PermitGranted')).toHaveLength(2);
  });

  it('[C5.1] tells the model of a denied call and of one that failed, with the reason', async () => {
    const policy = policyTwin(({ action }) =>
      action.kind === 'tool' && action.name === 'orders.find' ? twinDeny('not on Sundays') : twinAllow,
    );
    const calls = [find('o1'), { name: 'orders.break', arguments: {}, id: 'b' }];
    await scene.ready(scripted([{ toolCalls: calls }, 'I could not.']), { policy });
    const runId = await scene.world.say('support', 'Go');
    expect(await scene.world.ended(runId)).toMatchObject({ output: 'I could not.' });
    const [denied, failed] = messages(runId).filter((message) => message?.role === 'tool');
    expect(denied?.content).toMatch(/POLICY_DENIED.*not on Sundays/);
    expect(failed?.content).toMatch(/TOOL_FAILED.*the shelf fell over/);
  });

  it('ends after so many turns', async () => {
    const model = scriptedModel(() => ({ toolCalls: [find('o1')] }));
    await scene.ready(appOf(model, { maxTurns: 3 }));
    const view = await scene.world.ended(await scene.world.say('support', 'Go'));
    expect(view).toMatchObject({ status: 'failed', error: { code: 'AGENT_TURNS_EXCEEDED' } });
  });

  it('[C2.1] streams tokens before the model has finished', async () => {
    await scene.ready(scripted(['one two three four five'], 100));
    const runId = await scene.world.say('support', 'Count', 'chat');
    const heard = tokensOf(runId, 'chat');
    await scene.world.until(() => heard.length > 0);
    expect(scene.types(runId)).not.toContain('StepCompleted');
    await scene.world.ended(runId);
    expect(heard.map(({ delta }) => delta).join('')).toBe('one two three four five');
    expect(heard.map(({ index }) => index)).toEqual(heard.map((_, i) => i));
    const permitted = scene.world
      .commits()
      .find(
        ({ commit }) =>
          commit.entity.id === runId && commit.events.some(({ type }) => type === 'PermitGranted'),
      );
    expect(heard.every(({ permitVersion }) => permitVersion === permitted?.commit.version)).toBe(true);
  });

  it('[C2.1] repeats a call whose executor died in the middle, as another attempt with tokens of its own', async () => {
    const served = scripted(['one two three four five'], 200);
    await scene.ready(served);
    const runId = await scene.world.say('support', 'Count', 'chat');
    const heard = tokensOf(runId, 'chat');
    await scene.world.until(() => heard.length > 1);
    scene.world.executor('e2', served);
    scene.world.kill('e1');
    expect(await scene.world.ended(runId)).toMatchObject({
      status: 'completed',
      output: 'one two three four five',
    });
    const permits = scene.world.events(runId).filter((event) => event.type === 'PermitGranted');
    expect(permits.map(({ attempt, executor }) => [attempt, executor])).toEqual([
      [1, 'e1'],
      [2, 'e2'],
    ]);
    const of = (attempt: number): Token[] => heard.filter((token) => token.attempt === attempt);
    expect(
      of(2)
        .map(({ delta }) => delta)
        .join(''),
    ).toBe('one two three four five');
    expect(of(2)[0]?.index).toBe(0);
    expect(of(2)[0]?.permitVersion).toBeGreaterThan(of(1)[0]?.permitVersion ?? Infinity);
    expect(messages(runId)).toHaveLength(2);
  });

  it('[C1.1] goes on in another executor after its tools were called, and calls none again', async () => {
    looked.length = 0;
    const script: Script = ({ messages: said }) =>
      said.length === 1 ? { toolCalls: [find('o1')] } : 'one two three four five six';
    const served = appOf(scriptedModel(script, { pace: 200 }));
    await scene.ready(served);
    const runId = await scene.world.say('support', 'Go', 'chat');
    const heard = tokensOf(runId, 'chat');
    await scene.world.until(() => heard.length > 1);
    scene.world.executor('e2', served);
    scene.world.kill('e1');
    expect(await scene.world.ended(runId)).toMatchObject({ output: 'one two three four five six' });
    expect(looked).toEqual(['o1']);
    expect(messages(runId).map((message) => message?.role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
    ]);
  });

  it('tries a model again that throws, hangs or breaks off, and records the answer once', async () => {
    let calls = 0;
    const good = scriptedModel(['Here I am.']);
    const model: ModelProvider = {
      async *stream(request, options) {
        calls += 1;
        if (calls === 1) throw new Error('overloaded');
        yield { type: 'text', delta: 'Her' };
        if (calls === 2) await new Promise(() => undefined);
        if (calls === 3) return;
        yield* good.stream(request, options);
      },
    };
    const ask = defineWorkflow({ name: 'ask', version: '1' }, async (ctx) => {
      const said = [{ role: 'user', content: 'Hi' }] as const;
      return (await ctx.model({ messages: said, timeout: 300 })).text;
    });
    await scene.ready(defineApp({ name: 'test', workflows: [ask], models: { default: model } }));
    const runId = await scene.world.start('ask', null);
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'HerHere I am.' });
    const failures = scene.world.events(runId).filter((event) => event.type === 'AttemptFailed');
    expect(failures.map(({ data }) => data?.error.code)).toEqual([
      'MODEL_FAILED',
      'ATTEMPT_TIMEOUT',
      'MODEL_RESPONSE_INVALID',
    ]);
  });

  it('says so where an executor knows no model of the name', async () => {
    const agent = defineAgent({ name: 'support', version: '1', model: 'grand', instructions: '' });
    await scene.ready(defineApp({ name: 'test', agents: [agent] }));
    const view = await scene.world.ended(await scene.world.say('support', 'Go'));
    expect(view).toMatchObject({ status: 'failed', error: { code: 'MODEL_UNKNOWN' } });
  });

  it('[C4.1] keeps state for its conversation, which the model sets', async () => {
    const set = { name: 'set_state', arguments: { orderId: 'o7', more: 1 }, id: 's' };
    const script: Script = ({ instructions, messages: said }) =>
      said.at(-1)?.role === 'user' ? { toolCalls: [set] } : instructions;
    const state = z.object({ orderId: z.string().optional() });
    await scene.ready(appOf(scriptedModel(script), { state }));
    const view = await scene.world.ended(await scene.world.say('support', 'I mean o7'));
    expect(view['output']).toMatch(/^Be kind\..*\{"orderId":"o7"\}$/s);
  });

  it('lets another agent work within a run, in a conversation of its own', async () => {
    const expert = defineAgent({ name: 'expert', version: '1', tools: [lookUp], instructions: 'Look.' });
    const front = defineWorkflow({ name: 'front', version: '1' }, (ctx) =>
      ctx.all([ctx.agent(expert, 'o1?', { key: 'a' }), ctx.agent(expert, 'o2?', { key: 'b' })]),
    );
    const script: Script = ({ messages: said }) =>
      said.length === 1 ? { toolCalls: [find(said[0]?.content ?? '')] } : (said[0]?.content ?? '');
    const models = { default: scriptedModel(script) };
    await scene.ready(defineApp({ name: 'test', workflows: [front], agents: [expert], models }));
    const runId = await scene.world.start('front', null);
    expect(await scene.world.ended(runId)).toMatchObject({ output: ['o1?', 'o2?'] });
    expect(messages(runId)).toEqual([]);
  });

  it('refuses a message for a workflow that takes none, and takes an agent’s own input', async () => {
    const strict = defineWorkflow(
      { name: 'strict', version: '1', input: z.strictObject({ n: z.number() }) },
      () => Promise.resolve(null),
    );
    const agent = defineAgent({
      name: 'support',
      version: '1',
      instructions: '',
      input: z.object({ orderId: z.string() }),
    });
    const models = { default: scriptedModel(({ messages: said }) => said.at(-1)?.content ?? '') };
    await scene.ready(defineApp({ name: 'test', workflows: [strict], agents: [agent], models }));
    await expect(scene.world.say('strict', 'Hello')).rejects.toThrow('does not fit the schema');
    const runId = await scene.world.start('support', { orderId: 'o1' });
    expect(await scene.world.ended(runId)).toMatchObject({ output: '{"orderId":"o1"}' });
    expect(messages(runId).map((message) => message?.role)).toEqual(['user', 'assistant']);
  });
});
