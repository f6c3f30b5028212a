import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs';
import {
  components,
  choosePort,
  isAlive,
  locate,
  onPath,
  type Plan,
  readStreamFile,
  repositoryRoot,
} from '@summit/servers';
import type { Command } from 'commander';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { readStackState } from '../supervisor/stack-state.ts';
import { runs, table } from '../verb.ts';

/** One thing that was looked at. */
interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** Whether the stack can not run without it. */
  readonly needed: boolean;
  readonly detail: string;
  readonly next?: string;
}

const MIN_FREE_BYTES = 1024 ** 3;

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('check this machine; downloads nothing')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, async (given) => {
    const dataDir = dataDirOf(given.text('data'));
    const findings = [
      node(),
      tool('npm', 'Install Node 20 or newer with npm.'),
      tool('git', 'Install git.'),
      streamFile(),
      directory(dataDir),
      ...components.map((component) => finding(locate(component))),
      await port(4000, dataDir),
    ];
    const ok = findings.every((one) => one.ok || !one.needed);
    return { document: { ok, findings }, text: textOf(findings), exitCode: ok ? 0 : 1 };
  });
}

function textOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ ok, needed, name, detail }) => [
    ok ? 'ok' : needed ? 'MISSING' : 'note',
    name,
    detail,
  ]);
  const advice = findings.filter(({ ok }) => !ok).map(({ name, next = '' }) => `${name}: ${next}`);
  return [table(rows), ...advice].join('\n');
}

function node(): Finding {
  return { name: 'node', ok: true, needed: true, detail: `${process.version} at ${process.execPath}` };
}

function tool(name: string, next: string): Finding {
  const found = onPath(name);
  return { name, ok: found !== undefined, needed: true, detail: found ?? 'not on PATH', next };
}

function streamFile(): Finding {
  const { partitions, streams } = readStreamFile();
  const detail = `${String(streams.length)} entries, ${String(partitions)} partitions`;
  return { name: 'deploy/nats/streams.yaml', ok: true, needed: true, detail };
}

function directory(dataDir: string): Finding {
  const next = 'Name a directory that can be written, with --data.';
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
    const { bavail, bsize } = statfsSync(dataDir);
    const free = bavail * bsize;
    const detail = `${dataDir}, ${(free / MIN_FREE_BYTES).toFixed(1)} GiB free`;
    return { name: 'data', ok: free >= MIN_FREE_BYTES, needed: true, detail, next: 'Free at least 1 GiB.' };
  } catch {
    return { name: 'data', ok: false, needed: true, detail: `${dataDir} can not be written`, next };
  }
}

/** Which way a component would be got. */
function finding({ component, location, tried }: Plan): Finding {
  const found = (detail: string): Finding => ({ name: component.title, ok: true, needed: true, detail });
  switch (location.way) {
    case 'url':
      return found(`${location.variable} names it`);
    case 'path':
      return found(`${location.version} on PATH: ${location.program}`);
    case 'package':
    case 'cache':
      return found(`${location.version} in ${location.program.replace(repositoryRoot, '')}`);
    case 'registry':
      return found(`will be fetched once: ${location.source.title}`);
    case 'none': {
      const { title, needed = true, ways } = component;
      return { name: title, ok: false, needed, detail: tried.join('; '), next: `${ways[0]}, or ${ways[1]}` };
    }
  }
}

async function port(wanted: number, dataDir: string): Promise<Finding> {
  const state = readStackState(dataDir);
  if (state && isAlive(state.supervisor)) {
    return { name: 'stack', ok: true, needed: false, detail: 'is up (summit status)' };
  }
  const chosen = await choosePort(wanted);
  const detail = chosen === wanted ? 'free' : 'in use; another will be chosen';
  return { name: `port ${String(wanted)}`, ok: true, needed: false, detail };
}
