import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { ApiClient, type RunSaid, jsonOf, runPath, withApi } from '../api-client.ts';
import { runText, statusText } from '../run-text.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

/** A waiting run is looked at again after this long, milliseconds. */
const LOOK_MS = 500;

export function addRun(program: Command): void {
  const command = program
    .command('run <workflow>')
    .description('start a run; with --follow stay until it has ended')
    .option('--thread <thread>', 'the conversation it belongs to (default: a new one)')
    .option('--input <json>', 'what the workflow is given')
    .option('--message <text>', 'what an agent is told')
    .option('--workflow-version <version>', 'default: the newest registered')
    .option('--follow', 'say what becomes of it; exit status 1 where it does not complete');
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
  const ended = await follow(api, started, given);
  const ok = ended.status === 'completed';
  return { document: { ok, ...ended }, text: runText(ended), exitCode: ok ? 0 : 1 };
}

async function follow(api: ApiClient, started: RunSaid, given: Given): Promise<RunSaid> {
  const path = runPath(started.runId);
  let run = started;
  for (let told = ''; ;) {
    const now = statusText(run);
    if (now !== told) given.progress(`${run.runId} ${(told = now)}`);
    const { status } = run;
    if (status !== 'running' && status !== 'pending' && status !== 'waiting') return run;
    if (status === 'waiting') await delay(LOOK_MS);
    run = await api.get(`${path}?wait=30`);
  }
}
