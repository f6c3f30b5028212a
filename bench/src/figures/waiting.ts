/** What a run that waits costs in memory: leader and executor in one process, all garbage collected. */
import { z } from 'zod';
import { closedLoop } from '../closed-loop.ts';
import { HttpClient } from '../http-client.ts';
import type { Lab } from '../lab.ts';
import type { Figure } from '../report.ts';
import { endOf, startRun } from '../summit.ts';

/** What grows but once has grown by then. */
const BEFORE = 500;
const RUNS = 5_000;
const CONCURRENCY = 50;

export async function waitingFigures(lab: Lab): Promise<Figure[]> {
  const stack = await lab.stack({ distributed: false, whole: false });
  const client = new HttpClient(stack.url, { authorization: `Bearer ${stack.token}` });
  lab.onEnd(async () => client.close());
  const wait = async (): Promise<void> => {
    const { status, text } = await client.post('/v1/runs?wait=30', { workflow: 'bench-wait', input: {} });
    const said = z.object({ status: z.string() }).safeParse(JSON.parse(text)).data;
    if (status !== 201 || said?.status !== 'waiting') throw new Error(`Summit answered ${status}: ${text}`);
  };
  const inUse = async (): Promise<number> => {
    const runId = await startRun(stack, { workflow: 'bench-memory', input: {} });
    return z.object({ bytes: z.number() }).parse(await endOf(stack, runId)).bytes;
  };

  await closedLoop(BEFORE, CONCURRENCY, wait);
  const before = await inUse();
  lab.given.progress(`starting ${RUNS} runs that wait`);
  await closedLoop(RUNS, CONCURRENCY, wait);
  const value = ((await inUse()) - before) / RUNS;
  const { setting, durability } = stack.about;
  const live = `${setting}, none evicted: leader and executor`;
  return [{ id: 'waiting_run_bytes', subject: 'summit', setting: live, durability, value, unit: 'bytes' }];
}
