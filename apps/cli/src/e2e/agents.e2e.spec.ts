import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectNats } from '@summit/journal-nats';
import { type Token } from '@summit/runtime';
import { waitFor } from '@summit/servers';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Said } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';

let stack: TestStack;
let nc: NatsConnection;
beforeAll(async () => {
  stack = await TestStack.start();
  nc = await connectNats(stack.process('nats').url ?? '');
});
afterAll(async () => {
  await nc.close();
  await stack.stop();
});

async function say(message: string, threadId: string): Promise<string> {
  const { status, body } = await stack.client.post(`/v1/threads/${threadId}/runs`, {
    workflow: 'support',
    message,
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return String(body.runId);
}

/** Tokens of a thread's runs from now on, as any client hears them. */
async function listen(threadId: string): Promise<Token[]> {
  const heard: Token[] = [];
  nc.subscribe(`summit.tokens.acme.${threadId}.*`, {
    callback: (_, message) => {
      heard.push(JSON.parse(message.string()) as Token);
    },
  });
  await nc.flush();
  return heard;
}

const until = async (holds: () => boolean): Promise<void> => {
  const seen = await waitFor(() => (holds() ? true : undefined), { deadlineMs: 30_000, everyMs: 5 });
  if (!seen) throw new Error('it did not come about in time');
};

/** The text of each attempt of a call, as its tokens make it. */
function texts(heard: readonly Token[]): Map<string, string> {
  const said = new Map<string, string>();
  for (const { step, attempt, delta } of heard) {
    const call = `${step} ${String(attempt)}`;
    said.set(call, (said.get(call) ?? '') + delta);
  }
  return said;
}

const answer = (orderId: string, times: number): string =>
  `The order ${orderId} cost 42.00. You have asked me ${String(times)} times so far, and I am glad to help.`;

describe('an agent on the services apart', () => {
  it('[C2.1] its tokens reach a subscriber on the bus before the model has finished', async () => {
    const heard = await listen('plain');
    const runId = await say('What about o-17?', 'plain');
    await until(() => heard.length > 0);
    const { body } = await stack.client.send(`/v1/runs/${runId}`);
    expect(body.status).toBe('running');
    expect(heard[0]).toMatchObject({ runId, step: 'model#0', attempt: 1, index: 0, delta: 'Let ' });
    expect(await stack.client.end(runId)).toMatchObject({ status: 'completed', output: answer('o-17', 1) });
    await until(() => texts(heard).get('model#1 1') === answer('o-17', 1));
    expect([...texts(heard)]).toEqual([
      ['model#0 1', 'Let me look that up.'],
      ['model#1 1', answer('o-17', 1)],
    ]);
  });

  it('[C4.1] knows what was said on its thread before, and not on others', async () => {
    const ask = async (thread: string): Promise<Said> => stack.client.end(await say('And o-18?', thread));
    expect(await ask('talk')).toMatchObject({ output: answer('o-18', 1) });
    expect(await ask('talk')).toMatchObject({ output: answer('o-18', 2) });
    expect(await ask('elsewhere')).toMatchObject({ output: answer('o-18', 1) });
  });

  it('[C1.1] goes on in the other executor when its own is killed while it speaks', async () => {
    const threads = ['k1', 'k2', 'k3', 'k4'];
    const heard = await Promise.all(threads.map(listen));
    const runs = await Promise.all(threads.map((thread) => say('What about o-19?', thread)));
    await until(() => heard.every((tokens) => tokens.some(({ step }) => step === 'model#1')));
    stack.kill('executor-1');
    for (const [i, runId] of runs.entries()) {
      expect(await stack.client.end(runId)).toMatchObject({ status: 'completed', output: answer('o-19', 1) });
      const tokens = heard[i] ?? [];
      const last = Math.max(...tokens.filter(({ step }) => step === 'model#1').map(({ attempt }) => attempt));
      await until(() => texts(tokens).get(`model#1 ${String(last)}`) === answer('o-19', 1));
    }
    expect(heard.some((tokens) => tokens.some(({ attempt }) => attempt > 1))).toBe(true);
    await stack.back('executor-1', 1);
  });

  it('a model that calls what does not exist, or with arguments that do not parse, is told so', async () => {
    const { body } = await stack.client.post('/v1/runs?wait=30', { workflow: 'confused', message: 'Go' });
    expect(body).toMatchObject({ status: 'completed', output: 'I am sorry.' });
  });

  it('a model without its key, a message with an input, a message for what takes none: each says so', async () => {
    const lost = await stack.client.post('/v1/runs?wait=30', { workflow: 'lost', message: 'Go' });
    expect(lost.body).toMatchObject({ status: 'failed', error: { code: 'MODEL_KEY_MISSING' } });
    const both = await stack.client.post('/v1/runs', { workflow: 'support', message: 'Go', input: {} });
    expect(both).toMatchObject({ status: 400, body: { code: 'INVALID_BODY' } });
    const none = await stack.client.post('/v1/runs', { workflow: 'secret', message: 'Go' });
    expect(none).toMatchObject({ status: 422, body: { code: 'INPUT_INVALID' } });
  });
});
