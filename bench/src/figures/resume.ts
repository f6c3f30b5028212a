/**
 * How long work stands still when a process is killed with SIGKILL in the middle of an effect: from the kill until the
 * world outside is called again. What starts the process anew is part of it, as it is in life.
 */
import { median } from '../closed-loop.ts';
import type { Lab } from '../lab.ts';
import { Outside } from '../outside.ts';
import type { Figure } from '../report.ts';
import type { SummitStack } from '../stack.ts';
import { endOf, startRun } from '../summit.ts';
import { back, kill, processOf } from './kill.ts';

export async function resumeFigures(lab: Lab): Promise<Figure[]> {
  const { rounds, progress } = lab.given;
  const stack = await lab.stack({ distributed: true, whole: false });
  await using outside = await Outside.open();
  const { setting, durability } = stack.about;
  const figures: Figure[] = [];
  for (const [id, killed] of [
    ['resume_executor_ms', executorKilled],
    ['resume_leader_ms', leaderKilled],
  ] as const) {
    const took: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}: ${id}`);
      took.push(await killed(stack, outside, `${id}-${round}`));
    }
    const value = median(took);
    figures.push({ id, subject: 'summit', setting: `${setting}, kill -9`, durability, value, unit: 'ms' });
  }
  return figures;
}

/** The effect was under way in the executor: until the other one repeats it. */
async function executorKilled(stack: SummitStack, outside: Outside, label: string): Promise<number> {
  const runId = await startRun(stack, {
    workflow: 'bench-calls',
    input: { url: outside.url, label, steps: 1 },
  });
  const first = await outside.call((call) => call.label === label);
  const executor = processOf(stack, ({ pid }) => pid === first.pid);
  const killedAt = kill(executor);
  const again = await outside.call((call) => call.label === label && call.pid !== first.pid);
  again.answer();
  await endOf(stack, runId);
  await back(stack, executor);
  return again.at - killedAt;
}

/** The effect ends while nobody leads: until the run's next one, which a new leader has permitted. */
async function leaderKilled(stack: SummitStack, outside: Outside, label: string): Promise<number> {
  const runId = await startRun(stack, {
    workflow: 'bench-calls',
    input: { url: outside.url, label, steps: 2 },
  });
  const first = await outside.call((call) => call.label === label);
  const leader = processOf(stack, ({ name }) => name === 'orchestrator');
  const killedAt = kill(leader);
  first.answer();
  const next = await outside.call((call) => call.label === label && call.i === 1);
  next.answer();
  await endOf(stack, runId);
  await back(stack, leader);
  return next.at - killedAt;
}
