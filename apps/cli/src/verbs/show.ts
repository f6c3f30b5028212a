import type { Command } from 'commander';
import { ApiClient, runPath, withApi } from '../api-client.ts';
import { runText } from '../run-text.ts';
import { runs } from '../verb.ts';

export function addShow(program: Command): void {
  const command = program.command('show <id>').description('a run as it is');
  runs(withApi(command), async (given) => {
    const run = await (await ApiClient.of(given)).get(runPath(given.args[0]));
    return { document: { ok: true, ...run }, text: runText(run) };
  });
}
