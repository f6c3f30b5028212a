import {
  isPart,
  type PartName,
  partNames,
  parts,
  type PeerName,
  peerNames,
  reportTable,
  runBench,
} from '@summit/bench';
import type { Command } from 'commander';
import { type Given, type Outcome, runs, wrongUsage } from '../verb.ts';
import { BenchStacks } from './bench-stacks.ts';

export function addBench(program: Command): void {
  const command = program
    .command('bench')
    .description('measure this machine, side by side with peers; starts and ends stacks of its own')
    .option('--figures <parts>', 'which, by the names below (default: engine)')
    .option('--all', 'every figure there is')
    .option('--peers <names>', `of ${peerNames.join(', ')}; or none (default: restate)`)
    .option('--one-process', 'only with every service in one process')
    .option('--distributed', 'only with the services apart')
    .option('--rounds <n>', 'rounds in turn; a figure is their median (default: 3)')
    .addHelpText('after', `\nFigures:\n${partList()}`);
  runs(command, bench);
}

const partList = (): string =>
  partNames.map((name) => `  ${name.padEnd(12)} ${parts[name].about}`).join('\n');

async function bench(given: Given): Promise<Outcome> {
  const only = given.flag('distributed') !== given.flag('oneProcess');
  const settings = only ? [given.flag('distributed')] : [false, true];
  const rounds = given.count('rounds');
  if (rounds === 0) throw wrongUsage('--rounds begins at 1');
  const options = {
    parts: partsOf(given),
    settings: settings.map((distributed) => ({ distributed })),
    peers: peersOf(given.text('peers') ?? 'restate'),
    ...(rounds !== undefined && { rounds }),
    progress: given.progress,
  };
  const stacks = new BenchStacks(given.progress);
  const interrupt = (): void => {
    given.progress('interrupted; ending what was started');
    void stacks.end().finally(() => process.exit(1));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const report = await runBench({ ...options, start: (kind) => stacks.start(kind) });
    return { document: report, text: reportTable(report) };
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function partsOf(given: Given): readonly PartName[] {
  if (given.flag('all')) return partNames;
  return (given.text('figures') ?? 'engine').split(',').map((name) => {
    if (isPart(name)) return name;
    throw wrongUsage(`there are no figures ${name}; there are: ${partNames.join(', ')}`);
  });
}

function peersOf(text: string): PeerName[] {
  const names = text === 'none' ? [] : text.split(',');
  return names.map((name) => {
    const known = peerNames.find((peer) => peer === name);
    if (known) return known;
    throw wrongUsage(`there is no peer ${name}; there are: ${peerNames.join(', ')}`);
  });
}
