import type { Command } from 'commander';
import { ApiClient, REVIEWER, withApi } from '../api-client.ts';
import { decide, readApproval } from '../approval.ts';
import { runs } from '../verb.ts';

export function addReject(program: Command): void {
  const command = program
    .command('reject <id>')
    .description('refuse what is asked')
    .requiredOption('--reason <text>', 'why; the run is told')
    .option('--hash <hash>', 'of what you were shown (default: what is open now)');
  runs(withApi(command, REVIEWER.user), async (given) => {
    const [id = ''] = given.args;
    const api = await ApiClient.of(given, REVIEWER.user);
    const { name, actionHash } = await readApproval(api, id);
    const done = await decide(api, id, {
      decision: 'reject',
      actionHash: given.text('hash') ?? actionHash,
      reason: given.text('reason') ?? '',
    });
    return { document: { ok: true, ...done }, text: `${name}: ${done.status}` };
  });
}
