import type { Command } from 'commander';
import { isAlive } from '@summit/servers';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { cleanStaleStack, readStackState } from '../supervisor/stack-state.ts';
import { runs } from '../verb.ts';
import { statusDocument, statusText } from './status-text.ts';

export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .description('list every process and server of the stack')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, async (given) => {
    const dataDir = dataDirOf(given.text('data'));
    const state = readStackState(dataDir);
    if (state && !isAlive(state.supervisor)) {
      given.progress('its supervisor is gone; cleaning up');
      await cleanStaleStack(state);
    }
    const document = statusDocument(dataDir, readStackState(dataDir));
    return { document, text: statusText(document), exitCode: document.ok ? 0 : 1 };
  });
}
