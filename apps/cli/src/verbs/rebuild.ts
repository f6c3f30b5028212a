import type { Command } from 'commander';
import { addRebuildAudit } from './rebuild-audit.ts';
import { addRebuildGraph } from './rebuild-graph.ts';
import { addRebuildReadModels } from './rebuild-read-models.ts';

/** `summit rebuild`: what is derived from the journal is dropped, made again and compared. One file for each. */
export function addRebuild(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .description('drop what is derived from the journal, make it again, compare')
    .helpCommand(false);
  for (const add of [addRebuildReadModels, addRebuildAudit, addRebuildGraph]) add(rebuild);
}
