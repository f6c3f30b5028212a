/** Whether a step costs at the end of a long run what it costs at its beginning. */
import { z } from 'zod';
import { closedLoop } from '../closed-loop.ts';
import { HttpClient } from '../http-client.ts';
import type { Lab } from '../lab.ts';
import type { Figure } from '../report.ts';
import { endOf, runToEnd, startRun } from '../summit.ts';

const STEPS = 100_000;
/** Steps at either end of which the median is taken. */
const WINDOW = 1_000;
const CONCURRENCY = 50;
/** How long the run may take, milliseconds. */
const PATIENCE_MS = 600_000;

export async function flatnessFigures(lab: Lab): Promise<Figure[]> {
  const stack = await lab.stack({ distributed: lab.distributed, whole: false });
  const { workload, progress } = lab.given;
  const client = new HttpClient(stack.url, { authorization: `Bearer ${stack.token}` });
  lab.onEnd(async () => client.close());
  const warm = (i: number): Promise<void> =>
    runToEnd(client, { workflow: 'bench-seq', id: `warm-${i}`, steps: workload.steps });
  await closedLoop(workload.warmUpRuns, CONCURRENCY, warm);

  progress(`a run of ${STEPS} steps (${stack.about.setting})`);
  const input = { steps: STEPS, window: WINDOW };
  const runId = await startRun(stack, { workflow: 'bench-flat', input });
  const medians = z.object({ early: z.number(), late: z.number() });
  const { early, late } = medians.parse(await endOf(stack, runId, PATIENCE_MS));
  const { setting, durability } = stack.about;
  const told = `${setting}, ${late.toFixed(3)} ms a step after ${early.toFixed(3)}`;
  return [
    { id: 'flatness_100k', subject: 'summit', setting: told, durability, value: late / early, unit: '×' },
  ];
}
