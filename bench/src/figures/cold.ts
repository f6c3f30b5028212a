/**
 * What it takes to bring a long run back where its coroutine is gone: from its assignment to another executor until the
 * world outside is called again, its whole history loaded, sent and replayed in between.
 */
import { decodeGroup } from '@summit/journal';
import { z } from 'zod';
import { median } from '../closed-loop.ts';
import type { Lab } from '../lab.ts';
import { Outside } from '../outside.ts';
import type { Figure } from '../report.ts';
import type { SummitStack } from '../stack.ts';
import { endOf, startRun } from '../summit.ts';
import { back, kill, processOf } from './kill.ts';

const STEPS = 10_000;

export async function coldFigures(lab: Lab): Promise<Figure[]> {
  const { rounds, progress } = lab.given;
  const stack = await lab.stack({ distributed: true, whole: false });
  await using outside = await Outside.open();
  const took: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}: a run of ${STEPS} steps`);
    took.push(await resumed(stack, outside, `cold-${round}`));
  }
  const { setting, durability } = stack.about;
  const how = `${setting}, from its new assignment to its next effect`;
  return [
    {
      id: 'cold_resume_10k_ms',
      subject: 'summit',
      setting: how,
      durability,
      value: median(took),
      unit: 'ms',
    },
  ];
}

async function resumed(stack: SummitStack, outside: Outside, label: string): Promise<number> {
  const input = { url: outside.url, label, before: STEPS, steps: 1 };
  const runId = await startRun(stack, { workflow: 'bench-calls', input });
  const first = await outside.call((call) => call.label === label);
  const executor = processOf(stack, ({ pid }) => pid === first.pid);
  const head = await stack.journal(async (store) => (await store.head())?.sequence ?? 0);
  kill(executor);
  const again = await outside.call((call) => call.label === label && call.pid !== first.pid);
  const assigned = await assignedAt(stack, runId, head);
  again.answer();
  await endOf(stack, runId);
  await back(stack, executor);
  return again.date - assigned;
}

const commitSaid = z.object({
  at: z.number(),
  entity: z.object({ id: z.string() }),
  events: z.array(z.object({ type: z.string() })),
});

/** When a run was last given to an executor, by the journal behind a group. */
async function assignedAt(stack: SummitStack, runId: string, after: number): Promise<number> {
  return stack.journal(async (store) => {
    let at: number | undefined;
    for await (const { sequence, bytes } of store.read(after + 1)) {
      for (const { line } of decodeGroup(bytes, { partition: 0, sequence }).commits) {
        const commit = commitSaid.parse(JSON.parse(line));
        const isAssignment = commit.events.some(({ type }) => type === 'RunAssigned');
        if (commit.entity.id === runId && isAssignment) at = commit.at;
      }
    }
    if (at !== undefined) return at;
    throw new Error(`run ${runId} was given to nobody`);
  });
}
