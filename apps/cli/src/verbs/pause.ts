import type { Command } from 'commander';
import { ApiClient, runPath, withApi } from '../api-client.ts';
import { runs } from '../verb.ts';

export function addPause(program: Command): void {
  const command = program.command('pause <run>').description('let no new step of a run begin');
  runs(withApi(command), async (given) => {
    const done = await (await ApiClient.of(given)).post(`${runPath(given.args[0])}/pause`, {});
    return { document: { ok: true, ...done }, text: `${done.runId} is paused` };
  });
}
