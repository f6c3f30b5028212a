import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { applyPatch, stateHash } from '@summit/engine';
import { connectNats } from '@summit/journal-nats';
import { type Json } from '@summit/kernel';
import { waitFor } from '@summit/servers';
import { type StreamEvent } from '@summit/streams';
import { type Client } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { pages, transcriptOf, watch } from './stream.fixture.ts';

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await TestStack.start();
  client = stack.client;
});
afterAll(() => stack.stop());

async function started(path: string, body: object): Promise<string> {
  const answer = await client.post(path, body);
  expect(answer).toMatchObject({ status: 201 });
  return String(answer.body.runId);
}

/** A run of ten steps that waits for a signal in its middle. */
const steps = (label: string, more: object = {}): Promise<string> =>
  started('/v1/runs', {
    workflow: 'steps',
    input: { world: stack.world.url, label, steps: 10, sleepMs: 0, signal: true, ...more },
  });

const go = (runId: string): Promise<unknown> =>
  client.insist(`/v1/runs/${runId}/signals`, { name: 'go', payload: 1 }, `${runId}-go`);

/** Watches a run from its start; `met` resolves with the first event of a type. */
function watching(
  runId: string,
  type: StreamEvent['type'],
): { all: Promise<StreamEvent[]>; met: Promise<StreamEvent> } {
  let hear: (event: StreamEvent) => void = () => undefined;
  const met = new Promise<StreamEvent>((resolve) => {
    hear = (event) => {
      if (event.type === type) resolve(event);
    };
  });
  return { met, all: watch(client, runId, { hear }) };
}

const support = (thread: string): Promise<string> =>
  started(`/v1/threads/${thread}/runs`, { workflow: 'support', message: 'Where is o-7?' });
const answer = 'The order o-7 cost 42.00. You have asked me 1 times so far, and I am glad to help.';

describe('the stream of a run', () => {
  it('[C2.1] [C2.2] tells of an agent as it happens, and the same by pages and afterwards', async () => {
    const runId = await support('streamed');
    const { met, all } = watching(runId, 'token');
    await met;
    expect((await client.send(`/v1/runs/${runId}`)).body.status).toBe('running');
    const events = await all;
    const live = transcriptOf(events);
    expect(live.texts).toEqual({ 'model#0/1': 'Let me look that up.', 'model#1/1': answer });
    expect(events.filter(({ type }) => type === 'token').length).toBeGreaterThan(3);
    const order = [
      'run_start',
      'model_start',
      'token',
      'model_complete',
      'tool_call',
      'tool_result',
      'run_complete',
    ];
    const first = order.map((type) => events.findIndex((event) => event.type === type));
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expect(transcriptOf(await watch(client, runId))).toEqual(live);
    expect(transcriptOf(await pages(client, runId, 5))).toEqual(live);
  });

  it('[C2.4] is the same through any number of lost connections', async () => {
    const runId = await support('reconnected');
    let turn = 0;
    const events = await watch(client, runId, { leaveAfter: () => 1 + (turn++ % 3) });
    expect(turn).toBeGreaterThan(10);
    const whole = await watch(client, runId);
    expect(transcriptOf(events)).toEqual(transcriptOf(whole));
    for (const [at, { cursor }] of whole.slice(0, -1).entries()) {
      const rest = await watch(client, runId, { after: cursor });
      expect(transcriptOf(rest)).toEqual(transcriptOf(whole.slice(at + 1)));
    }
    const headers = { authorization: `Bearer ${client.token}`, 'last-event-id': whole.at(-1)?.cursor ?? '' };
    const over = await fetch(`${client.url}/v1/runs/${runId}/stream`, { headers });
    expect(over.status).toBe(204);
  });

  it('[C2.3] begins with a snapshot, and its patches give the hashes that they name', async () => {
    const thread = '/v1/threads/patched/runs';
    const input = { text: 'hi' };
    await client.end(await started(thread, { workflow: 'secret', input }));
    const runId = await steps('patches');
    await go(runId);
    let state: Json | undefined;
    const events = await watch(client, runId, {
      hear: (event) => {
        if (event.type !== 'snapshot') return;
        state = event.state;
        expect(event.hash).toBe(stateHash(event.state));
      },
    });
    expect(state).toBeDefined();
    let held: Json = {};
    const patches = events.filter((event) => event.type === 'state_patch');
    expect(patches).toHaveLength(1);
    for (const { patch, hash } of patches) {
      held = applyPatch(held, patch);
      expect(stateHash(held)).toBe(hash);
    }
  });

  it('[C2.4] goes on where it was when the api is killed in its middle', async () => {
    const runId = await steps('api-killed');
    const { met, all } = watching(runId, 'run_waiting');
    await met;
    stack.kill('api');
    await go(runId);
    const events = await all;
    expect(new Set(events.map(({ cursor }) => cursor)).size).toBe(events.length);
    expect(transcriptOf(events)).toEqual(transcriptOf(await watch(client, runId)));
    expect(events.at(-1)).toMatchObject({ type: 'run_complete', output: 46 });
  });

  it('[C2.4] misses nothing and repeats nothing when the bus dies while a model speaks', async () => {
    const runId = await support('bus-killed');
    const { met, all } = watching(runId, 'token');
    await met;
    stack.kill('nats');
    const events = await all;
    const whole = await watch(client, runId);
    expect(transcriptOf(events).said).toEqual(transcriptOf(whole).said);
    for (const event of events) {
      if (event.type !== 'model_complete' || !('output' in event)) continue;
      const text = transcriptOf(events).texts[`${event.stepId}/${String(event.attempt)}`];
      expect(event.output).toMatchObject({ text });
    }
  });
});

describe('summit.events.>', () => {
  it('[C2.2] has one message a commit, none missing and none twice when the api is killed', async () => {
    const nc = await connectNats(stack.process('nats').url ?? '');
    const heard = new Map<string, StreamEvent[]>();
    const ids: string[] = [];
    nc.subscribe('summit.events.acme.>', {
      callback: (_, message) => {
        const { commitId, events } = message.json<{ commitId: string; events: StreamEvent[] }>();
        ids.push(commitId);
        for (const event of events) heard.set(event.runId, [...(heard.get(event.runId) ?? []), event]);
      },
    });
    await nc.flush();
    const runId = await steps('events');
    await client.until(runId, ({ status }) => status === 'waiting');
    const { restarts } = stack.process('api');
    stack.kill('api');
    await go(runId);
    await stack.back('api', restarts + 1);
    const ended = (): true | undefined =>
      heard.get(runId)?.some(({ type }) => type === 'run_complete') === true ? true : undefined;
    expect(await waitFor(ended, { deadlineMs: 30_000 })).toBe(true);
    await nc.close();
    expect(heard.get(runId)).toEqual(await pages(client, runId, 100));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[I8] is heard by its own tenant alone', async () => {
    const nc = await connectNats(stack.process('nats').url ?? ''); // a client of acme
    const refused = new Promise<string>((resolve) => {
      void (async () => {
        for await (const { type, ...what } of nc.status())
          if (type === 'error')
            resolve(JSON.stringify({ ...what }) + String('error' in what ? what.error : ''));
      })();
    });
    nc.subscribe('summit.events.globex.>');
    expect(await refused).toContain('summit.events.globex');
    await nc.close();
  });
});

describe('what a stream refuses', () => {
  it.each(['stream', 'events'])(
    '/%s: garbage as a cursor, runs of others, runs that are none',
    async (kind) => {
      const runId = await started('/v1/runs', { workflow: 'secret', input: { text: 'x' } });
      await client.end(runId);
      const other = await stack.as({ tenant: 'globex' });
      const none = `${runId.slice(0, -8)}00000000`;
      const said = async (who: Client, path: string): Promise<[number, string]> => {
        const { status, body } = await who.send(path);
        expect(body.next).toBeDefined();
        return [status, String(body.code)];
      };
      expect(await said(client, `/v1/runs/${runId}/${kind}?after=rubbish`)).toEqual([400, 'INVALID_CURSOR']);
      expect(await said(client, `/v1/runs/${runId}/${kind}?after=${'1.0%2B'.repeat(2000)}`)).toEqual([
        400,
        'INVALID_CURSOR',
      ]);
      expect(await said(client, `/v1/runs/${runId}/${kind}?after=999.0`)).toEqual([400, 'INVALID_CURSOR']);
      expect(await said(other, `/v1/runs/${runId}/${kind}`)).toEqual([404, 'RUN_NOT_FOUND']);
      expect(await said(client, `/v1/runs/${none}/${kind}`)).toEqual([404, 'RUN_NOT_FOUND']);
      expect(await said(client, `/v1/runs/nothing/${kind}`)).toEqual([404, 'RUN_NOT_FOUND']);
    },
  );
});
