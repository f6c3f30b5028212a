import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '@summit/servers';
import type { Client } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const deadline = { deadlineMs: 60_000, everyMs: 20 };

/** A reply as a client reads it. */
interface Reply {
  readonly commandId: string;
  readonly ok: boolean;
  readonly result?: { readonly runId?: string; readonly threadId?: string; readonly version?: number };
  readonly error?: { readonly code: string };
}

let stack: TestStack;
let client: Client;
/** A bare connection: the laptop's developer, with nothing of ours. */
let nc: NatsConnection;
const heard = new Map<string, Reply[]>();

beforeAll(async () => {
  stack = await TestStack.start();
  client = stack.client;
  nc = await connect({ servers: stack.process('nats').url ?? '', maxReconnectAttempts: -1 });
  nc.subscribe('summit.reply.acme.developer.>', {
    callback: (_error, msg) => {
      const reply = msg.json<Reply>();
      heard.set(reply.commandId, [...(heard.get(reply.commandId) ?? []), reply]);
    },
  });
  await nc.flush();
});
afterAll(async () => {
  await nc.close();
  await stack.stop();
});

const publish = (verb: string, body: object | string): Promise<unknown> =>
  jetstream(nc).publish(
    `summit.cmd.acme.developer.${verb}`,
    typeof body === 'string' ? body : JSON.stringify(body),
  );

async function reply(commandId: string): Promise<Reply> {
  const said = await waitFor(() => heard.get(commandId)?.[0], deadline);
  if (!said) throw new Error(`no reply to ${commandId}`);
  return said;
}

const request = async (verb: string, body: object): Promise<Reply> =>
  (
    await nc.request(`summit.rpc.acme.developer.${verb}`, JSON.stringify(body), { timeout: 20_000 })
  ).json<Reply>();

const input = (label: string): object => ({
  world: stack.world.url,
  label,
  steps: 2,
  sleepMs: 0,
  signal: false,
});

describe('a bare NATS client', () => {
  it('[P4] starts a run on summit.cmd and hears that it did; it runs to its end', async () => {
    const command = { commandId: 'first', workflow: 'steps', input: input('bus') };
    await publish('run.start', command);
    const { ok, result } = await reply('first');
    expect(ok).toBe(true);
    expect(await client.end(result?.runId ?? '')).toMatchObject({ status: 'completed', output: 1 });
  });

  it('[P4] [C1.3] the same id over HTTP is the same command: one run', async () => {
    const body = { workflow: 'steps', input: input('both ways') };
    await publish('run.start', { commandId: 'both-ways', ...body });
    const { result } = await reply('both-ways');
    const answer = await client.post('/v1/runs', body, { 'idempotency-key': 'both-ways' });
    expect(answer.body.runId).toBe(result?.runId);
    await client.end(result?.runId ?? '');
    expect(stack.world.count('charge', 'both ways')).toBe(2);
  });

  it('[P4] signals, pauses, resumes and cancels by request, answered after the commit', async () => {
    const start = await request('run.start', {
      workflow: 'settle',
      input: { world: stack.world.url, label: 'by request', amount: 3 },
    });
    const runId = start.result?.runId ?? '';
    await client.until(runId, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    expect(await request('run.pause', { runId })).toMatchObject({ ok: true });
    expect((await client.send(`/v1/runs/${runId}`)).body.waitingFor).toEqual(['resume']);
    expect(await request('run.resume', { runId })).toMatchObject({ ok: true });
    expect(await request('run.signal', { runId, name: 'go' })).toMatchObject({ ok: true });
    expect(await client.end(runId)).toMatchObject({ status: 'completed', output: 3 });
    expect(await request('run.cancel', { runId })).toMatchObject({ error: { code: 'RUN_FINISHED' } });
  });

  it('[C1.1] [C1.3] has its command done once where the orchestrator is killed before it took it', async () => {
    const ids = ['killed-0', 'killed-1', 'killed-2', 'killed-3'];
    const killed = (id: string): object => ({ commandId: id, workflow: 'steps', input: input(id) });
    // Some are taken and some are not when it dies; each is durable before.
    for (const [i, id] of ids.entries()) {
      if (i === 2) stack.kill('orchestrator');
      await publish('run.start', killed(id));
    }
    await stack.back('orchestrator', 1);
    const runs = await Promise.all(ids.map(async (id) => (await reply(id)).result?.runId ?? ''));
    for (const runId of runs)
      expect(await client.end(runId)).toMatchObject({ status: 'completed', output: 1 });
    expect(ids.map((id) => stack.world.count('charge', id))).toEqual([2, 2, 2, 2]);
    expect(new Set(runs).size).toBe(ids.length);
  });

  it('is counted where it sends what is not JSON', async () => {
    await publish('run.start', 'not JSON');
    const counted = await waitFor(async () => {
      const { text } = await client.text('/metrics');
      return text.includes('summit_dead_letters{reason="invalid_json"} 1') ? true : undefined;
    }, deadline);
    expect(counted).toBe(true);
    expect(await request('thread.create', {})).toMatchObject({ ok: true });
  });

  it('[C4.3] is its own user alone, and never another', async () => {
    const refused = (async () => {
      for await (const status of nc.status()) if (status.type === 'error') return status.error.message;
      return '';
    })();
    nc.publish('summit.cmd.acme.alice.run.start', '{}');
    await nc.flush();
    expect(await refused).toMatch(/permissions violation/i);
    const services = new Promise<string>((resolve) => {
      nc.subscribe('_SERVICE.>', { callback: (error) => resolve(error?.message ?? 'heard something') });
    });
    expect(await services).toMatch(/permissions violation/i);
  });

  it('finds the schema of each verb', async () => {
    const { text } = await client.text('/schemas/commands');
    const { schemas } = JSON.parse(text) as { schemas: string[] };
    expect(schemas).toContain('/schemas/commands/run.start.json');
    for (const path of schemas) {
      const schema: unknown = JSON.parse((await client.text(path)).text);
      expect(schema).toMatchObject({ $id: path, type: 'object', additionalProperties: false });
    }
  });
});

describe('the state of a thread', () => {
  const json = { 'content-type': 'application/json' };
  const patchOf = (value: unknown): string => JSON.stringify([{ op: 'replace', path: '/amount', value }]);
  const patch = (path: string, body: string, headers: Record<string, string>) =>
    client.send(path, { method: 'PATCH', body, headers });

  it('[C3.3] is corrected while a run is paused; the run goes on with the corrected value', async () => {
    const started = await client.post('/v1/threads/corrected/runs?wait=10', {
      workflow: 'settle',
      input: { world: stack.world.url, label: 'corrected', amount: 100 },
    });
    const runId = started.body.runId ?? '';
    await client.post(`/v1/runs/${runId}/pause`, {});
    const path = '/v1/threads/corrected/state';
    expect((await client.send(path)).body).toMatchObject({ version: 1, state: { amount: 100 } });
    const merged = { 'content-type': 'application/json-patch+json', 'if-match': '"1"' };
    expect((await patch(path, patchOf(40), merged)).body).toMatchObject({ version: 2 });
    expect((await patch(path, patchOf(41), merged)).status).toBe(412);
    // Another executor builds the run from its history, edit and all.
    stack.kill('executor-1');
    stack.kill('executor-2');
    await stack.back('executor-1', 1);
    await client.post(`/v1/runs/${runId}/signals`, { name: 'go' });
    await client.post(`/v1/runs/${runId}/resume`, {});
    expect(await client.end(runId)).toMatchObject({ status: 'completed', output: 40 });
    expect((await client.send(`${path}?at=1`)).body).toMatchObject({ state: { amount: 100 } });
  });

  it('[C4.1] is made with its thread, and edited while no run has it', async () => {
    const made = await client.post('/v1/threads', { id: 'a.*.>', state: { amount: 1 } });
    expect(made).toMatchObject({ status: 201, body: { threadId: 'a.*.>', stateVersion: 0 } });
    const path = `/v1/threads/${encodeURIComponent('a.*.>')}`;
    expect((await patch(`${path}/state`, patchOf(2), { ...json, 'if-match': '"0"' })).status).toBe(200);
    expect((await client.send(path)).body).toMatchObject({ stateVersion: 1, queuedRuns: [] });
    expect((await client.post('/v1/threads', { id: 'a.*.>' })).status).toBe(409);
  });

  it('refuses what is not an edit of it', async () => {
    await client.post('/v1/threads', { id: 'strict', state: { amount: 1 } });
    const path = '/v1/threads/strict/state';
    const first = { ...json, 'if-match': '"0"' };
    const code = async (body: string, headers: Record<string, string>): Promise<unknown> => {
      const answer = await patch(path, body, headers);
      return [answer.status, answer.body.code];
    };
    expect(await code(patchOf(2), json)).toEqual([428, 'IF_MATCH_MISSING']);
    expect(await code(patchOf(2), { ...json, 'if-match': '*' })).toEqual([422, 'INVALID_IF_MATCH']);
    expect(await code(patchOf(2), { ...json, 'if-match': '"9"' })).toEqual([412, 'STATE_VERSION_MISMATCH']);
    expect(await code('{"amount":2}', first)).toEqual([400, 'INVALID_BODY']);
    expect(await code('[{"op":"explode","path":"/amount"}]', first)).toEqual([400, 'INVALID_BODY']);
    expect(await code('[{"op":"remove","path":"/none"}]', first)).toEqual([422, 'PATCH_INVALID']);
    expect(await code('[{"op":"add","path":"/__proto__/x","value":1}]', first)).toEqual([
      422,
      'PATCH_INVALID',
    ]);
    expect(await code('not JSON', first)).toEqual([400, 'INVALID_JSON']);
    const other = await stack.as({ tenant: 'other' });
    const foreign = await other.send(path, { method: 'PATCH', body: patchOf(2), headers: first });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'THREAD_NOT_FOUND']);
    expect((await other.send(path)).status).toBe(404);
    const stranger = await stack.as({ user: 'stranger', roles: [] });
    const denied = await stranger.send(path, { method: 'PATCH', body: patchOf(2), headers: first });
    expect([denied.status, denied.body.code]).toEqual([403, 'POLICY_DENIED']);
    expect((await client.send(path)).body).toMatchObject({ version: 0, state: { amount: 1 } });
  });
});

describe('a busy thread', () => {
  const start = (ifBusy: string) =>
    client.post('/v1/threads/busy/runs', {
      workflow: 'settle',
      input: { world: stack.world.url, label: 'busy', amount: 5 },
      ifBusy,
    });

  it('[C4.1] refuses, enqueues, or gives way, as a start says', async () => {
    const first = (await start('reject')).body.runId ?? '';
    await client.until(first, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    expect(await start('reject')).toMatchObject({ status: 409, body: { code: 'THREAD_BUSY' } });
    const queued = (await start('enqueue')).body.runId ?? '';
    const urgent = (await start('interrupt')).body.runId ?? '';
    expect(await client.end(first)).toMatchObject({ status: 'cancelled' });
    await client.until(urgent, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    await client.post(`/v1/runs/${urgent}/signals`, { name: 'go' });
    expect(await client.end(urgent)).toMatchObject({ status: 'completed', output: 5 });
    await client.until(queued, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    await client.post(`/v1/runs/${queued}/cancel`, {});
    expect(await client.end(queued)).toMatchObject({ status: 'cancelled' });
    expect(await start('sometimes')).toMatchObject({ status: 400, body: { code: 'INVALID_BODY' } });
  });
});
