import type { Command } from 'commander';
import { ApiClient, runPath, withApi } from '../api-client.ts';
import { runs } from '../verb.ts';

export function addCancel(program: Command): void {
  const command = program
    .command('cancel <run>')
    .description('stop a run; what was under way says what became of it')
    .option('--reason <text>', 'why, for the record');
  runs(withApi(command), async (given) => {
    const reason = given.text('reason');
    const body = reason === undefined ? {} : { reason };
    const done = await (await ApiClient.of(given)).post(`${runPath(given.args[0])}/cancel`, body);
    return { document: { ok: true, ...done }, text: `${done.runId} is being cancelled` };
  });
}
