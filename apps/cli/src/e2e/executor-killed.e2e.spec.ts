import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const RUNS = 200;
const HELD = 8;
const deadline = { deadlineMs: 60_000, everyMs: 5 };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

describe('an executor killed', () => {
  it('[C1.1] [C1.3] under load: its runs go on in the other, every effect has one key', async () => {
    const { client, world } = stack;
    const starting = startLoad(stack, client, RUNS, 'killed');
    await waitFor(() => (world.effects.size > RUNS * 2 ? true : undefined), deadline);
    stack.kill('executor-1');
    const runs = await starting;
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
  });

  it('[C1.1] [C1.3] in the middle of an effect: the other repeats it under the same key', async () => {
    const { client, world } = stack;
    await stack.back('executor-1', 1);
    world.hold('charge');
    const runs = await startLoad(stack, client, HELD, 'middle');
    const calls = (): number => runs.reduce((sum, { label }) => sum + world.count('charge', label), 0);
    expect(await waitFor(() => (calls() === HELD ? true : undefined), deadline)).toBe(true);
    stack.kill('executor-2');
    const killed = performance.now();
    expect(await waitFor(() => (calls() > HELD ? true : undefined), deadline)).toBe(true);
    const ms = Math.round(performance.now() - killed);
    process.stderr.write(`resumed ${String(ms)} ms after the executor was killed\n`);
    world.release('charge');
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: HELD });
    expect(effectsOf(stack, runs)).toEqual({ once: HELD * 10, otherwise: [] });
  });
});
