import type { Command } from 'commander';
import { endProcess, isAlive } from '@summit/servers';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { cleanStaleStack, readStackState } from '../supervisor/stack-state.ts';
import { runs } from '../verb.ts';

/** The supervisor ends its processes one after another, each with a deadline of its own. */
const STOP_MS = 120_000;

export function addDown(program: Command): void {
  const command = program
    .command('down')
    .description('end the stack; its data stays')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, async (given) => {
    const dataDir = dataDirOf(given.text('data'));
    const state = readStackState(dataDir);
    if (!state) {
      return { document: { ok: true, dataDir, stopped: [] }, text: `nothing runs in ${dataDir}` };
    }
    const stopped = state.processes.filter(({ pid }) => pid !== null).map(({ name }) => name);
    if (isAlive(state.supervisor)) await endProcess(state.supervisor, 'SIGTERM', STOP_MS);
    await cleanStaleStack(readStackState(dataDir) ?? state);
    return { document: { ok: true, dataDir, stopped }, text: `stopped ${stopped.join(', ')}` };
  });
}
