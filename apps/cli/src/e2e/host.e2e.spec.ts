import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from './client.fixture.ts';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { filesWith, plant } from './stored-files.fixture.ts';

const RUNS = 100;

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await TestStack.start({ distributed: false });
  client = stack.client;
});
afterAll(() => stack.stop());

describe('every service in one process', () => {
  it('[C1.3] runs with sleeps and signals end right', async () => {
    const runs = await startLoad(stack, client, RUNS, 'host');
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
  });

  it('[I9] what a run carries stands nowhere in clear: not in the store of NATS, not in a log', async () => {
    const marker = 'm4rk3r-of-the-customer';
    const input = { text: `${marker}-input` };
    const thread = `/v1/threads/${marker}-thread/runs?wait=10`;
    const { body } = await client.post(thread, { workflow: 'secret', input });
    expect(body).toMatchObject({ status: 'completed', output: `${marker}-input` });
    const failed = await client.post(thread, { workflow: 'secret', input: { text: [marker] } });
    expect(failed.status).toBe(422);
    await plant(stack, 'm4rk3r-in-clear');
    expect(filesWith('m4rk3r-in-clear', stack.plan.dataDir)).not.toEqual([]);
    expect(filesWith(marker, stack.plan.dataDir)).toEqual([]);
  });

  it('[C1.1] killed: the runs that it held are there and go on', async () => {
    const runs = await startLoad(stack, client, 30, 'host-killed');
    stack.kill('host');
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: 30 });
    expect(effectsOf(stack, runs)).toEqual({ once: 300, otherwise: [] });
  });
});

describe('what the api says of itself', () => {
  it('OpenAPI names what answers, and every operation answers with a documented kind', async () => {
    const { text } = await client.text('/openapi.json');
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
    expect(Object.keys(paths)).toContain('/v1/runs/{id}/signals');
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const answer = await fetch(`${client.url}${path.replaceAll(/\{\w+\}/g, 'x')}`, { method });
        expect({ path, code: (await answer.text()).includes('ROUTE_NOT_FOUND') }).toEqual({
          path,
          code: false,
        });
      }
    }
  });

  it('a page for people, and health', async () => {
    expect(await client.text('/docs')).toMatchObject({
      status: 200,
      text: expect.stringContaining('/v1/runs'),
    });
    expect(await client.text('/healthz')).toMatchObject({ status: 200 });
    expect(await client.text('/readyz')).toMatchObject({ status: 200 });
    expect((await client.text(`/errors/${encodeURIComponent('../../package')}`)).status).toBe(200);
    expect((await client.text('/errors/NO_SUCH_CODE')).status).toBe(404);
  });
});
