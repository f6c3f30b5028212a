import type { Command } from 'commander';
import { ApiClient, jsonOf, runPath, withApi } from '../api-client.ts';
import { runs } from '../verb.ts';

export function addSignal(program: Command): void {
  const command = program
    .command('signal <run> <name> [json]')
    .description('send a run a signal, with a payload where one is given');
  runs(withApi(command), async (given) => {
    const [runId, name = '', json] = given.args;
    const body = { name, ...(json !== undefined && { payload: jsonOf(json, 'the payload') }) };
    const done = await (await ApiClient.of(given)).post(`${runPath(runId)}/signals`, body);
    return { document: { ok: true, ...done }, text: `${done.runId} has the signal ${name}` };
  });
}
