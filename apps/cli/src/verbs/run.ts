import type { Command } from 'commander';
import { ApiClient, jsonOf, withApi } from '../api-client.ts';
import { followRun } from '../follow/follow-run.ts';
import { runText } from '../run-text.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

export function addRun(program: Command): void {
  const command = program
    .command('run <workflow>')
    .description('start a run; with --follow stay until it has ended')
    .option('--thread <thread>', 'the conversation it belongs to (default: a new one)')
    .option('--input <json>', 'what the workflow is given')
    .option('--message <text>', 'what an agent is told')
    .option('--workflow-version <version>', 'default: the newest registered')
    .option('--follow', 'say what happens as it does; exit status 1 where it does not complete');
  runs(withApi(command), start);
}

async function start(given: Given): Promise<Outcome> {
  const thread = given.text('thread');
  const input = given.text('input');
  const message = given.text('message');
  const version = given.text('workflowVersion');
  const body = {
    workflow: given.args[0],
    ...(version !== undefined && { version }),
    ...(input !== undefined && { input: jsonOf(input, '--input') }),
    ...(message !== undefined && { message }),
  };
  const api = await ApiClient.of(given);
  const path = thread === undefined ? '/v1/runs' : `/v1/threads/${encodeURIComponent(thread)}/runs`;
  const started = await api.post(path, body);
  if (!given.flag('follow')) return { document: { ok: true, ...started }, text: runText(started) };
  const ended = await followRun(api, started.runId, given);
  const ok = ended.status === 'completed';
  return { document: { ok, ...ended }, text: runText(ended), exitCode: ok ? 0 : 1 };
}
