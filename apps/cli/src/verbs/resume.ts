import type { Command } from 'commander';
import { ApiClient, runPath, withApi } from '../api-client.ts';
import { runs } from '../verb.ts';

export function addResume(program: Command): void {
  const command = program.command('resume <run>').description('let a paused run go on');
  runs(withApi(command), async (given) => {
    const done = await (await ApiClient.of(given)).post(`${runPath(given.args[0])}/resume`, {});
    return { document: { ok: true, ...done }, text: `${done.runId} goes on` };
  });
}
