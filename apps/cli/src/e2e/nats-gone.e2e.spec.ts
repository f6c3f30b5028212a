import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsServer, startNats, waitFor } from '@summit/servers';
import { effectsOf, endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const RUNS = 100;
const GONE_MS = 30_000;
const deadline = { deadlineMs: 60_000, everyMs: 5 };

let dir: string;
let nats: NatsServer;
let stack: TestStack;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-e2e-nats-'));
  nats = await startNats({ dataDir: dir });
  stack = await TestStack.start({ natsUrl: nats.urlAs('local') });
});
afterAll(async () => {
  await (stack as TestStack | undefined)?.stop();
  await nats.stop();
  rmSync(dir, { recursive: true, force: true });
});

const pids = (): (number | null)[] =>
  ['orchestrator', 'executor-1', 'executor-2', 'api'].map((name) => stack.process(name).pid);

describe('nats-server away while runs are in flight', () => {
  it('[C1.1] [C1.3] killed under load and started again on its data: nothing acknowledged is lost', async () => {
    const { client, world } = stack;
    const starting = startLoad(stack, client, RUNS, 'nats');
    await waitFor(() => (world.effects.size > RUNS * 3 ? true : undefined), deadline);
    await nats.kill('SIGKILL');
    const killed = performance.now();
    await nats.restart();
    const runs = await starting;
    const probe = { workflow: 'big', input: { bytes: 1 } };
    expect((await client.insist('/v1/runs?wait=10', probe, 'probe')).status).toBe(201);
    const ms = Math.round(performance.now() - killed);
    process.stderr.write(`a run is done ${String(ms)} ms after nats-server was killed\n`);
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
  });

  it('[C1.1] [C1.3] for half a minute: runs go on afterwards, commands are answered, services stay', async () => {
    const { client, world } = stack;
    const before = pids();
    const seen = world.effects.size;
    const starting = startLoad(stack, client, RUNS, 'gone');
    await waitFor(() => (world.effects.size > seen + RUNS * 3 ? true : undefined), deadline);
    await nats.kill('SIGKILL');
    await delay(GONE_MS);
    await nats.restart();
    const runs = await starting;
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    expect(effectsOf(stack, runs)).toEqual({ once: RUNS * 10, otherwise: [] });
    expect(pids()).toEqual(before);
  });
});
