import { isObject } from '@summit/kernel';
import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, jsonOf, runPath, withApi } from '../api-client.ts';
import { runs, wrongUsage } from '../verb.ts';

const stateSaid = z.object({
  threadId: z.string(),
  version: z.int(),
  state: z.record(z.string(), z.unknown()),
});
const patchSaid = z.object({ threadId: z.string(), version: z.int() });

export function addState(program: Command): void {
  const command = program
    .command('state <id>')
    .description('the state of a thread, or of the thread of a run; with --set, corrected')
    .option('--set <patch>', 'RFC 6902 operations, or members to set: {"amount":40}; null removes one')
    .option('--at <version>', 'as it was at that version');
  runs(withApi(command), async (given) => {
    const api = await ApiClient.of(given);
    const path = `/v1/threads/${encodeURIComponent(await threadOf(api, given.args[0] ?? ''))}/state`;
    const [set, at] = [given.text('set'), given.count('at')];
    if (set !== undefined && at !== undefined) throw wrongUsage('the past is not set: --set or --at');
    const before = stateSaid.parse(await api.getFor(at === undefined ? path : `${path}?at=${at}`));
    if (set === undefined) return { document: { ok: true, ...before }, text: stateText(before) };
    const operations = operationsOf(jsonOf(set, '--set'));
    const { threadId, version } = patchSaid.parse(await api.patchFor(path, operations, before.version));
    const after = stateSaid.parse(await api.getFor(`${path}?at=${version}`));
    return { document: { ok: true, ...after, threadId }, text: stateText(after) };
  });
}

/** A run's id stands for its thread. */
async function threadOf(api: ApiClient, id: string): Promise<string> {
  if (!/^run_\d{2}_/.test(id)) return id;
  return (await api.get(runPath(id))).threadId ?? id;
}

/** Operations as they are; members to set as operations on them. Throws `WRONG_USAGE`. */
function operationsOf(given: unknown): readonly object[] {
  if (Array.isArray(given)) return given.filter(isObject);
  if (!isObject(given)) throw wrongUsage('--set takes RFC 6902 operations, or members to set');
  return Object.entries(given).map(([name, value]) => {
    const path = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return value === null ? { op: 'remove', path } : { op: 'add', path, value };
  });
}

function stateText({ threadId, version, state }: z.infer<typeof stateSaid>): string {
  return `${threadId} at version ${version}\n${JSON.stringify(state, null, 2)}`;
}
