import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const RUNS = 200;
const deadline = { deadlineMs: 60_000 };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

describe('an executor killed under load', () => {
  it('[C1.1] [C1.3] its runs go on in the other; every run ends right; every effect has one key', async () => {
    const { client, world } = stack;
    const starting = startLoad(stack, client, RUNS, 'killed');
    await waitFor(() => (world.effects.size > RUNS * 2 ? true : undefined), deadline);
    stack.kill('executor-1');
    const killed = performance.now();
    const runs = await starting;
    await signalLoad(client, runs);
    const { wrong, right } = await endsOf(client, runs);
    process.stderr.write(`all ended ${String(Math.round(performance.now() - killed))} ms after the kill\n`);
    expect(wrong).toEqual([]);
    expect(right).toBe(RUNS);
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
  });
});
