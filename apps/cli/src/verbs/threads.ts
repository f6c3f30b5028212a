import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, withApi } from '../api-client.ts';
import { listPath, pageText, timeText } from '../list.ts';
import { runs } from '../verb.ts';

const threadsSaid = z.looseObject({
  items: z.array(
    z.looseObject({
      threadId: z.string().optional(),
      runs: z.int(),
      messages: z.int(),
      stateVersion: z.int(),
      updatedAt: z.number(),
    }),
  ),
  next: z.string().optional(),
});

const HEAD = ['THREAD', 'RUNS', 'MESSAGES', 'STATE', 'LAST'];

export function addThreads(program: Command): void {
  const command = program
    .command('threads')
    .description('conversations, newest first')
    .option('--limit <n>', 'so many (default: 50)')
    .option('--after <cursor>', 'goes on where the page before ended');
  runs(withApi(command), async (given) => {
    const path = listPath('/v1/threads', given, ['limit', 'after']);
    const { items, next } = threadsSaid.parse(await (await ApiClient.of(given)).getFor(path));
    const rows = items.map(({ threadId = '(erased)', runs: count, messages, stateVersion, updatedAt }) => [
      threadId,
      ...[count, messages, stateVersion].map(String),
      timeText(updatedAt),
    ]);
    const text = pageText(HEAD, rows, { none: 'no threads', next });
    return { document: { ok: true, threads: items, ...(next !== undefined && { next }) }, text };
  });
}
