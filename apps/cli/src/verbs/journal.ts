import { resolve } from 'node:path';
import { NotFoundError, parseId } from '@summit/kernel';
import type { Command } from 'commander';
import { writeExport } from '../journal/export-writer.ts';
import { keysOf } from '../journal/keys.ts';
import { commitsOf, commitsText } from '../journal/show.ts';
import { readerConnection, stackMaterial } from '../journal/stack-material.ts';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

const DATA = ['--data <dir>', 'where the stack keeps its data and keys (default: .summit/run)'] as const;

export function addJournal(program: Command): void {
  const journal = program.command('journal').description('the journal itself').helpCommand(false);
  runs(
    journal
      .command('show <run>')
      .description('the commits of a run, unsealed by the keys of the data directory')
      .option(...DATA),
    show,
  );
  runs(
    journal
      .command('export')
      .description('the stored bytes of every partition, with signed heads, checkpoints and entries')
      .requiredOption('--out <file>', 'where they are written')
      .option(...DATA),
    exportAll,
  );
}

async function show(given: Given): Promise<Outcome> {
  const [run = ''] = given.args;
  const partition = parseId(run)?.partition;
  const dataDir = dataDirOf(given.text('data'));
  const nc = await readerConnection(dataDir);
  const keys = keysOf(dataDir);
  try {
    const material = await stackMaterial(nc, dataDir, { logs: false });
    const one = material.partitions.find((candidate) => candidate.partition === partition);
    const commits = one ? await commitsOf(one, run, keys?.vault) : [];
    if (commits.length === 0) throw noSuchRun(run);
    return { document: { ok: true, runId: run, commits }, text: commitsText(commits) };
  } finally {
    await keys?.close();
    await nc.close();
  }
}

async function exportAll(given: Given): Promise<Outcome> {
  const dataDir = dataDirOf(given.text('data'));
  const file = resolve(given.text('out') ?? '');
  const nc = await readerConnection(dataDir);
  try {
    const { partitions, publicKey, unchecked } = await stackMaterial(nc, dataDir);
    const told = await writeExport(file, partitions, publicKey);
    for (const what of unchecked) given.progress(`not covered: ${what}`);
    const { groups, commits, bytes, heads } = told;
    const text = `${file}: ${String(commits)} commits in ${String(groups)} groups of ${String(told.partitions)} partitions, ${String(bytes)} bytes, ${String(heads)} signed heads`;
    return { document: { ok: true, file, ...told, unchecked }, text };
  } finally {
    await nc.close();
  }
}

const noSuchRun = (run: string): NotFoundError =>
  new NotFoundError(
    'RUN_NOT_FOUND',
    `the journal has no commit of ${run || 'that run'}`,
    'Look at the id: summit runs.',
  );
