import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { filesWith, plant } from './stored-files.fixture.ts';

const MARKER = 'm4rk3r-of-a-large-customer';
/** 300 KiB in which the marker stands again and again. */
const text = `${MARKER} `.repeat(Math.ceil((300 * 1024) / (MARKER.length + 1)));

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await TestStack.start();
  client = stack.client;
});
afterAll(() => stack.stop());

describe('payloads of 300 KiB, services apart', () => {
  it('[C1.1] [I9] travel as input, arguments, result and output, survive the orchestrator, stand nowhere in clear', async () => {
    const held = await client.post('/v1/runs?wait=20', { workflow: 'kept', input: { text } });
    await client.until(held.body.runId ?? '', ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    const done = await client.post('/v1/runs?wait=20', { workflow: 'secret', input: { text } });
    expect((await client.end(done.body.runId ?? '')).output).toBe(text);

    stack.kill('orchestrator');
    await client.insist(`/v1/runs/${held.body.runId ?? ''}/signals`, { name: 'go', payload: null }, 'go-on');
    expect((await client.end(held.body.runId ?? '')).output).toBe(text);
    expect((await client.send(`/v1/runs/${done.body.runId ?? ''}`)).body.output).toBe(text);

    await plant(stack, 'm4rk3r-in-clear');
    expect(filesWith('m4rk3r-in-clear', stack.plan.dataDir)).not.toEqual([]);
    expect(filesWith(MARKER, stack.plan.dataDir)).toEqual([]);
  });
});
