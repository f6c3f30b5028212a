import type { Command } from 'commander';
import { ApiClient, runPath, withApi } from '../api-client.ts';
import { approvalText, readApproval } from '../approval.ts';
import { followRun } from '../follow/follow-run.ts';
import { runText } from '../run-text.ts';
import { runs } from '../verb.ts';

export function addShow(program: Command): void {
  const command = program
    .command('show <id>')
    .description('a run, or what people are asked, as it is')
    .option('--follow', 'of a run: say what has happened and what happens, until it has ended');
  runs(withApi(command), async (given) => {
    const [id = ''] = given.args;
    const api = await ApiClient.of(given);
    if (id.startsWith('apr_')) {
      const approval = await readApproval(api, id);
      return { document: { ok: true, ...approval }, text: approvalText(approval) };
    }
    const run = await (given.flag('follow') ? followRun(api, id, given) : api.get(runPath(id)));
    return { document: { ok: true, ...run }, text: runText(run) };
  });
}
