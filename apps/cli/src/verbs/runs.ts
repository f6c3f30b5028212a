import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, withApi } from '../api-client.ts';
import { listPath, pageText, timeText } from '../list.ts';
import { runs } from '../verb.ts';

const runsSaid = z.looseObject({
  items: z.array(
    z.looseObject({
      runId: z.string(),
      threadId: z.string().optional(),
      workflow: z.string().optional(),
      workflowVersion: z.string().optional(),
      status: z.string(),
      waitingFor: z.array(z.string()).optional(),
      createdAt: z.number(),
      erased: z.boolean().optional(),
    }),
  ),
  next: z.string().optional(),
});

const HEAD = ['RUN', 'STATUS', 'WORKFLOW', 'THREAD', 'STARTED'];

export function addRuns(program: Command): void {
  const command = program
    .command('runs')
    .description('runs that are and were, newest first')
    .option('--status <status>', 'pending, running, waiting, completed, failed or cancelled (default: all)')
    .option('--workflow <name>', 'of this workflow alone')
    .option('--thread <id>', 'of this thread alone')
    .option('--limit <n>', 'so many (default: 50)')
    .option('--after <cursor>', 'goes on where the page before ended');
  runs(withApi(command), async (given) => {
    const path = listPath('/v1/runs', given, ['status', 'workflow', 'thread', 'limit', 'after']);
    const said = runsSaid.parse(await (await ApiClient.of(given)).getFor(path));
    const rows = said.items.map((run) => [
      run.runId,
      run.waitingFor === undefined ? run.status : `${run.status} for ${run.waitingFor.join(', ')}`,
      run.workflow === undefined ? '(erased)' : `${run.workflow} ${run.workflowVersion ?? ''}`,
      run.threadId ?? '(erased)',
      timeText(run.createdAt),
    ]);
    const { items, next } = said;
    const text = pageText(HEAD, rows, { none: 'no runs', next });
    return { document: { ok: true, runs: items, ...(next !== undefined && { next }) }, text };
  });
}
