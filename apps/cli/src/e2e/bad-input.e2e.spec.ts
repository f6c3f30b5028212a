import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection } from '@nats-io/transport-node';
import { connectNats } from '@summit/journal-nats';
import { DevelopmentTokens } from '@summit/platform';
import { natsUrlAs } from '@summit/servers';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import type { Client, HttpAnswer } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await TestStack.start();
  client = stack.client;
});
afterAll(() => stack.stop());

const echo = { workflow: 'secret', input: { text: 'hello' } };
const nobody = 'run_00_0mws7x8kyaaaaaaaaaaaaaaaa';

/** A refusal as the interface promises it: status, code, a sentence that helps, a trace, a page. */
async function expectProblem(answer: HttpAnswer, status: number, code: string): Promise<void> {
  expect(answer.body).toMatchObject({
    status,
    code,
    type: `/errors/${code}`,
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    next: expect.stringMatching(/\w.*\./),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(answer.status).toBe(status);
  expect(answer.type).toContain('application/problem+json');
  const page = await client.text(`/errors/${code}`);
  expect(page).toMatchObject({ status: 200, text: expect.stringContaining(`# ${code}`) });
}

const bodies: readonly [string, unknown, number, string][] = [
  ['an unknown workflow', { workflow: 'nothing' }, 404, 'WORKFLOW_UNKNOWN'],
  ['a name with wildcards', { workflow: 'a.*.>' }, 404, 'WORKFLOW_UNKNOWN'],
  ['an unknown version', { ...echo, version: '99' }, 404, 'WORKFLOW_VERSION_UNKNOWN'],
  ['an input that fails its schema', { workflow: 'secret', input: { text: 42 } }, 422, 'INPUT_INVALID'],
  ['no input where one is wanted', { workflow: 'secret' }, 422, 'INPUT_INVALID'],
  ['a body without a workflow', { input: {} }, 400, 'INVALID_BODY'],
  ['a body that is no object', ['secret'], 400, 'INVALID_BODY'],
  ['a body that is null', null, 400, 'INVALID_BODY'],
  ['a field that nobody knows', { ...echo, tenant: 'other' }, 400, 'INVALID_BODY'],
  ['a name of 1,000 characters', { workflow: 'w'.repeat(1000) }, 400, 'INVALID_BODY'],
  ['a name of another type', { workflow: { $ne: 1 } }, 400, 'INVALID_BODY'],
];

describe('POST /v1/runs refuses', () => {
  it.each(bodies)('%s', async (_what, body, status, code) => {
    await expectProblem(await client.post('/v1/runs', body), status, code);
  });

  const texts: readonly [string, string, string, number, string][] = [
    ['JSON that does not parse', '{"workflow":', 'application/json', 400, 'INVALID_JSON'],
    ['an empty body', '', 'application/json', 400, 'INVALID_JSON'],
    ['JSON with a poisoned prototype', '{"__proto__":{"a":1}}', 'application/json', 400, 'INVALID_JSON'],
    ['another media type', '<run/>', 'application/xml', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['more than 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, 'application/json', 413, 'BODY_TOO_LARGE'],
  ];
  it.each(texts)('%s', async (_what, body, type, status, code) => {
    const answer = await client.send('/v1/runs', { method: 'POST', body, headers: { 'content-type': type } });
    await expectProblem(answer, status, code);
  });

  it.each(['-1', '61', 'soon', ''])('wait=%s', async (wait) => {
    await expectProblem(await client.post(`/v1/runs?wait=${wait}`, echo), 422, 'INVALID_QUERY');
  });

  it('an Idempotency-Key of 1,000 characters', async () => {
    const answer = await client.post('/v1/runs', echo, { 'idempotency-key': 'k'.repeat(1000) });
    await expectProblem(answer, 422, 'INVALID_ID');
  });

  it('a route that is not there', async () => {
    await expectProblem(await client.send('/v2/runs'), 404, 'ROUTE_NOT_FOUND');
    await expectProblem(await client.post('/v1/runs/x/unknown', {}), 404, 'ROUTE_NOT_FOUND');
  });
});

describe('who calls', () => {
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const unsigned = `${part({ alg: 'none' })}.${part({ sub: 'developer', tenant: 'acme' })}.`;
  const tokens: readonly [string, string, string][] = [
    ['no token', '', 'TOKEN_MISSING'],
    ['another scheme', 'Basic YTpi', 'TOKEN_MISSING'],
    ['garbage', 'Bearer garbage', 'TOKEN_INVALID'],
    ['a token without signature', `Bearer ${unsigned}`, 'TOKEN_INVALID'],
  ];
  it.each(tokens)('%s: 401', async (_what, authorization, code) => {
    const answers = await Promise.all([
      client.post('/v1/runs', echo, { authorization }),
      client.send(`/v1/runs/${nobody}`, { headers: { authorization } }),
      client.post(`/v1/runs/${nobody}/cancel`, {}, { authorization }),
    ]);
    for (const answer of answers) await expectProblem(answer, 401, code);
  });

  it('an expired token: 401, and one of another key: 401', async () => {
    const who = { tenant: 'acme', user: 'developer', roles: [] };
    const expired = await new DevelopmentTokens(stack.plan.dataDir).sign(who, '-1s');
    const foreign = await new DevelopmentTokens(`${stack.dir}/elsewhere`).sign(who);
    for (const token of [expired, foreign]) {
      const answer = await client.send(`/v1/runs/${nobody}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await expectProblem(answer, 401, 'TOKEN_INVALID');
    }
  });

  it('[C4.3] [I8] of another tenant: a run is answered as one that does not exist, by every verb', async () => {
    const other = await stack.as({ tenant: 'other' });
    const { body } = await client.post('/v1/runs?wait=10', echo);
    const real = body.runId ?? '';
    const ask = async (id: string): Promise<HttpAnswer[]> => [
      await other.send(`/v1/runs/${id}`),
      await other.send(`/v1/runs/${id}?wait=1`),
      await other.post(`/v1/runs/${id}/signals`, { name: 'go' }),
      await other.post(`/v1/runs/${id}/pause`, {}),
      await other.post(`/v1/runs/${id}/resume`, {}),
      await other.post(`/v1/runs/${id}/cancel`, {}),
    ];
    const [theirs, none] = [await ask(real), await ask(nobody)];
    for (const answer of theirs) await expectProblem(answer, 404, 'RUN_NOT_FOUND');
    const shown = (answers: HttpAnswer[], id: string): unknown[] =>
      answers.map(({ status, body: said }) => ({
        status,
        said: JSON.stringify({ ...said, traceId: '' }).replaceAll(id, 'ID'),
      }));
    expect(shown(theirs, real)).toEqual(shown(none, nobody));
    await expectProblem(await other.post('/v1/runs', echo), 404, 'WORKFLOW_UNKNOWN');
    expect((await client.send(`/v1/runs/${real}`)).body.status).toBe('completed');
  });

  it.each(['a.b', '*', '>', 'naïve tenant', '../../etc', 'x'.repeat(200)])(
    '[C4.3] a tenant called %s reaches nothing',
    async (tenant) => {
      const other = await stack.as({ tenant });
      await expectProblem(await other.post('/v1/runs', echo), 404, 'WORKFLOW_UNKNOWN');
      await expectProblem(await other.send(`/v1/runs/${nobody}`), 404, 'RUN_NOT_FOUND');
    },
  );
});

describe('ids that people choose', () => {
  const odd = [
    'a.b',
    'a b',
    '*',
    '>',
    'a.*.>',
    '$SYS',
    'naïve-id',
    '%00',
    '{}',
    "'; drop",
    'run_00_',
    nobody,
  ];
  it.each([...odd, 'r'.repeat(1000)])('run %s: no such run', async (id) => {
    const path = `/v1/runs/${encodeURIComponent(id)}`;
    await expectProblem(await client.send(path), 404, 'RUN_NOT_FOUND');
    await expectProblem(await client.post(`${path}/signals`, { name: 'go' }), 404, 'RUN_NOT_FOUND');
  });

  it.each(['a.b', 'a b', '*', '>', 'a.*.>', '$SYS', 'naïve-id', '{}', 't'.repeat(256)])(
    'thread %s: a run on it',
    async (thread) => {
      const path = `/v1/threads/${encodeURIComponent(thread)}/runs?wait=10`;
      const { status, body } = await client.post(path, echo);
      expect({ status, body }).toMatchObject({
        status: 201,
        body: { threadId: thread, status: 'completed' },
      });
    },
  );

  it('a thread of 1,000 characters, and none: refused', async () => {
    await expectProblem(await client.post(`/v1/threads/${'t'.repeat(1000)}/runs`, echo), 422, 'INVALID_ID');
    await expectProblem(await client.post('/v1/threads//runs', echo), 404, 'ROUTE_NOT_FOUND');
  });

  it.each(['a.b', '*', '>', 'naïve', ''])('a signal called %s', async (name) => {
    const input = { world: stack.world.url, label: `odd ${name}`, steps: 10, sleepMs: 0, signal: true };
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'steps', input });
    const answer = await client.post(`/v1/runs/${body.runId ?? ''}/signals`, { name });
    if (name === '') await expectProblem(answer, 400, 'INVALID_BODY');
    else expect(answer.status).toBe(200);
    expect((await client.send(`/v1/runs/${body.runId ?? ''}`)).body.waitingFor).toEqual(['signal:go']);
    await client.post(`/v1/runs/${body.runId ?? ''}/cancel`, {});
    expect((await client.end(body.runId ?? '')).status).toBe('cancelled');
  });
});

describe('the same Idempotency-Key', () => {
  it('[C1.3] twice: the same answer, one run; with another body: refused; of another user: another command', async () => {
    const key = { 'idempotency-key': 'order.* 17 >' };
    const label = 'twice';
    const input = { world: stack.world.url, label, steps: 2, sleepMs: 0, signal: false };
    const both = await Promise.all(
      [1, 2].map(() => client.post('/v1/runs', { workflow: 'steps', input }, key)),
    );
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(both[0]?.body).toEqual(both[1]?.body);
    expect((await client.end(both[0]?.body.runId ?? '')).output).toBe(1);
    const later = await client.post('/v1/runs', { workflow: 'steps', input }, key);
    expect(later.body.runId).toBe(both[0]?.body.runId);
    expect(stack.world.count('charge', label)).toBe(2);
    await expectProblem(await client.post('/v1/runs', echo, key), 422, 'IDEMPOTENCY_KEY_REUSED');
    const other = await stack.as({ user: 'somebody' });
    expect((await other.post('/v1/runs?wait=10', echo, key)).body).toMatchObject({ status: 'completed' });
  });

  it('[C1.3] twice for a signal: it is heard once', async () => {
    const label = 'once heard';
    const input = { world: stack.world.url, label, steps: 10, sleepMs: 0, signal: true };
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'steps', input });
    const path = `/v1/runs/${body.runId ?? ''}/signals`;
    const said = { name: 'go', payload: 1 };
    const first = await client.post(path, said, { 'idempotency-key': 'sig' });
    expect((await client.post(path, said, { 'idempotency-key': 'sig' })).body).toEqual(first.body);
    const another = await client.post(path, { ...said, payload: 2 }, { 'idempotency-key': 'sig' });
    await expectProblem(another, 422, 'IDEMPOTENCY_KEY_REUSED');
    expect((await client.end(body.runId ?? '')).output).toBe(46);
  });
});

describe('a run that has ended', () => {
  it('refuses every command with 409', async () => {
    const { body } = await client.post('/v1/runs?wait=10', echo);
    for (const verb of ['pause', 'resume', 'cancel'])
      await expectProblem(await client.post(`/v1/runs/${body.runId ?? ''}/${verb}`, {}), 409, 'RUN_FINISHED');
    await expectProblem(
      await client.post(`/v1/runs/${body.runId ?? ''}/signals`, { name: 'go' }),
      409,
      'RUN_FINISHED',
    );
  });
});

describe('pause, resume, cancel', () => {
  it('[C3.3] a paused run takes no step until it is resumed', async () => {
    const input = { world: stack.world.url, label: 'paused', steps: 10, sleepMs: 0, signal: true };
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'steps', input });
    const path = `/v1/runs/${body.runId ?? ''}`;
    expect((await client.post(`${path}/pause`, {})).status).toBe(200);
    expect((await client.post(`${path}/signals`, { name: 'go', payload: 1 })).status).toBe(200);
    expect((await client.send(path)).body).toMatchObject({ status: 'waiting', waitingFor: ['resume'] });
    expect(stack.world.count('charge', 'paused')).toBe(6);
    expect((await client.send(`${path}/resume`, { method: 'POST' })).status).toBe(200);
    expect((await client.end(body.runId ?? '')).output).toBe(46);
  });

  it('only who started it, or an operator, may: 403', async () => {
    const input = { world: stack.world.url, label: 'mine', steps: 10, sleepMs: 0, signal: true };
    const { body } = await client.post('/v1/runs?wait=10', { workflow: 'steps', input });
    const stranger = await stack.as({ user: 'stranger', roles: [] });
    const path = `/v1/runs/${body.runId ?? ''}`;
    await expectProblem(await stranger.post(`${path}/cancel`, {}), 403, 'POLICY_DENIED');
    await client.post(`${path}/cancel`, { reason: 'enough' });
    expect((await client.end(body.runId ?? '')).status).toBe('cancelled');
  });
});

describe('workflows that go wrong', () => {
  const ends: readonly [string, string, string][] = [
    ['a tool that throws', 'throws', 'NO_SUCH_ORDER'],
    ['a tool that hangs', 'hangs', 'ATTEMPT_TIMEOUT'],
    ['a tool that returns what its schema forbids', 'lies', 'TOOL_OUTPUT_INVALID'],
    ['[C5.1] a tool that is not registered', 'stranger', 'POLICY_DENIED'],
    ['[C5.1] arguments that do not fit the tool', 'misfit', 'TOOL_INPUT_INVALID'],
  ];
  it.each(ends)('%s: the run fails and says why', async (_what, what, code) => {
    const { body } = await client.post('/v1/runs?wait=20', { workflow: 'trouble', input: { what } });
    expect(await client.end(body.runId ?? '')).toMatchObject({ status: 'failed', error: { code } });
  });

  it('[C5.1] [C1.2] a denial is an error that the workflow can catch; nothing was called', async () => {
    const answer = await client.post('/v1/runs?wait=10', { workflow: 'trouble', input: { what: 'caught' } });
    expect(answer.body).toMatchObject({ status: 'completed', output: 'POLICY_DENIED' });
  });

  it('[C1.1] a promise that nobody awaits and that is rejected ends no executor', async () => {
    const before = ['executor-1', 'executor-2'].map((name) => stack.process(name).pid);
    const answer = await client.post('/v1/runs?wait=10', {
      workflow: 'trouble',
      input: { what: 'careless' },
    });
    expect(await client.end(answer.body.runId ?? '')).toMatchObject({
      status: 'completed',
      output: 'went on',
    });
    expect(['executor-1', 'executor-2'].map((name) => stack.process(name).pid)).toEqual(before);
    expect(['executor-1', 'executor-2'].map((name) => stack.process(name).restarts)).toEqual([0, 0]);
  });

  it('a frame over the bound: its run fails with FRAME_TOO_LARGE, the partition goes on', async () => {
    const thread = '/v1/threads/large/runs?wait=20';
    const large = { workflow: 'big', input: { bytes: 5_000_000 } };
    const { body } = await client.post(thread, large);
    expect(await client.end(body.runId ?? '')).toMatchObject({
      status: 'failed',
      error: { code: 'FRAME_TOO_LARGE' },
    });
    const after = await client.post(thread, { workflow: 'big', input: { bytes: 200_000 } });
    expect(after.body).toMatchObject({ status: 'completed', output: 200_000 });
  });

  it('payloads over 128 KiB, as input, arguments and results: they go by reference', async () => {
    const text = 'x'.repeat(900_000);
    const answer = await client.post('/v1/threads/large/runs?wait=20', {
      workflow: 'secret',
      input: { text },
    });
    expect((await client.end(answer.body.runId ?? '')).output).toBe(text);
    const after = await client.post('/v1/threads/large/runs?wait=10', echo);
    expect(after.body).toMatchObject({ status: 'completed' });
  });
});

describe('the bus', () => {
  const asUser = (user: 'executor' | 'api'): Promise<NatsConnection> =>
    connectNats(natsUrlAs(stack.process('nats').url ?? '', natsDataDir(stack.plan.dataDir), user));
  const forbidden: readonly ['executor' | 'api', string][] = [
    ['executor', 'summit.partition.00.command'],
    ['executor', 'summit.partition.00.query'],
    ['executor', 'summit.executor._all'],
    ['executor', 'summit.journal.00.000001'],
    ['api', 'summit.journal.00.000001'],
    ['api', 'summit.partition.00.executor'],
    ['api', 'summit.executor._all'],
  ];
  it.each(forbidden)('[C4.3] [C5.1] %s may not publish on %s', async (user, subject) => {
    const nc = await asUser(user);
    const refused = nc.request(subject, '{}', { timeout: 2_000 });
    await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/permissions violation/i) });
    await nc.close();
  });

  it('tells figures of every partition', async () => {
    const { status, text } = await client.text('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^summit_executors\{partition="00"\} 2$/m);
    expect(text).toMatch(/^summit_leader_epoch\{partition="01"\} 1$/m);
    expect(text).toMatch(
      /^summit_http_requests_total\{method="POST",route="\/v1\/runs",status="201"\} \d+$/m,
    );
  });
});
