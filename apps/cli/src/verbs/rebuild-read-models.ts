import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsJournalStore } from '@summit/journal-nats';
import { NotFoundError } from '@summit/kernel';
import { type Rebuilt, rebuildReadModels } from '@summit/read-models';
import { FileKeyStore, Vault } from '@summit/vault';
import type { Command } from 'commander';
import { z } from 'zod';
import { readerConnection } from '../journal/stack-material.ts';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { readModelsFile } from '../supervisor/stack-servers.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

/** Between two lines for people, milliseconds. */
const TELL_MS = 1000;

export function addRebuildReadModels(rebuild: Command): void {
  const command = rebuild
    .command('read-models')
    .description('the tables of PostgreSQL, which lists and histories come from')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, work);
}

async function work(given: Given): Promise<Outcome> {
  const { equal: ok, before, after, rows, ms } = await rebuilt(given);
  const text = [
    `${String(rows)} rows in ${(ms / 1000).toFixed(1)} s`,
    `before  ${before.digest}`,
    `after   ${after.digest}`,
    ok
      ? 'equal'
      : `NOT EQUAL: ${differing({ before, after }).join(', ')} held what the journal does not make`,
  ].join('\n');
  return { document: { ok, rows, ms: Math.round(ms), before, after }, text, exitCode: ok ? 0 : 1 };
}

function differing({ before, after }: Pick<Rebuilt, 'before' | 'after'>): string[] {
  return Object.keys(after.tables).filter(
    (table) => before.tables[table]?.digest !== after.tables[table]?.digest,
  );
}

async function rebuilt(given: Given): Promise<Rebuilt> {
  const dataDir = dataDirOf(given.text('data'));
  const url = projectorUrl(dataDir);
  const nc = await readerConnection(dataDir);
  const keys = new FileKeyStore(join(dataDir, 'keys'));
  let told = performance.now();
  try {
    return await rebuildReadModels({
      url,
      vault: new Vault(keys),
      storeOf: (partition) => new NatsJournalStore(nc, { partition }),
      signal: new AbortController().signal,
      progress: (partition, sequence, of) => {
        if (performance.now() - told < TELL_MS) return;
        told = performance.now();
        given.progress(`${String(sequence)} of ${String(of)} groups of partition ${String(partition)}`);
      },
    });
  } finally {
    await keys.close();
    await nc.close();
  }
}

/** As the role that owns the read models. */
function projectorUrl(dataDir: string): string {
  try {
    const file: unknown = JSON.parse(readFileSync(readModelsFile(dataDir), 'utf8'));
    return z.object({ projector: z.string() }).parse(file).projector;
  } catch (cause) {
    throw new NotFoundError(
      'NO_READ_MODELS',
      `no stack with PostgreSQL was started in ${dataDir}`,
      'Start it with summit up, without --only core; or name its directory with --data.',
      { cause },
    );
  }
}
