import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const ROUNDS = 3;
const RUNS = 80;
const deadline = { deadlineMs: 60_000, everyMs: 5 };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

describe('the orchestrator killed', () => {
  it('[C1.1] [C1.3] several times under load: what was answered is found, every run ends right', async () => {
    const { client, world } = stack;
    const batches = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const starting = startLoad(stack, client, RUNS, `round${String(round)}`);
      // At another moment of the load each time, told by what the world has seen.
      const moment = world.effects.size + round * 90;
      await waitFor(() => (world.effects.size > moment ? true : undefined), deadline);
      stack.kill('orchestrator');
      const killed = performance.now();
      const probe = { workflow: 'big', input: { bytes: round } };
      const answered = await client.insist('/v1/runs', probe, `probe-${String(round)}`);
      expect(answered.status).toBe(201);
      const ms = Math.round(performance.now() - killed);
      process.stderr.write(`a command is answered ${String(ms)} ms after the orchestrator was killed\n`);
      batches.push(starting);
      await stack.back('orchestrator', round);
    }
    const runs = (await Promise.all(batches)).flat();
    const found = await Promise.all(runs.map(({ runId }) => client.send(`/v1/runs/${runId}`)));
    expect(found.filter(({ status }) => status !== 200)).toEqual([]);
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: ROUNDS * RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: ROUNDS * RUNS * 10, otherwise: [] });
  });

  it('[C1.1] its waiting runs still hear signals, timers and cancels afterwards', async () => {
    const { client, world } = stack;
    const steps = { world: world.url, steps: 10, sleepMs: 0, signal: true };
    const started = await Promise.all(
      ['waits', 'stops'].map((label) =>
        client.post('/v1/runs?wait=10', { workflow: 'steps', input: { ...steps, label } }),
      ),
    );
    const [waits = '', stops = ''] = started.map(({ body }) => body.runId);
    await client.until(waits, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
    stack.kill('orchestrator');
    await client.insist(`/v1/runs/${waits}/signals`, { name: 'go', payload: 1 }, 'go-1');
    await client.insist(`/v1/runs/${stops}/cancel`, { reason: 'enough' }, 'cancel-1');
    expect(await client.end(waits)).toMatchObject({ status: 'completed', output: 46 });
    expect(await client.end(stops)).toMatchObject({ status: 'cancelled' });
  });
});
