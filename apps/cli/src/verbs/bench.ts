import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerName, peerNames, reportTable, runBench, type SummitEndpoint } from '@summit/bench';
import { RetryableError } from '@summit/kernel';
import { DevelopmentTokens } from '@summit/platform';
import { endProcess, repositoryRoot, waitFor } from '@summit/servers';
import type { Command } from 'commander';
import { DEVELOPER, TENANT } from '../api-client.ts';
import { launch } from '../supervisor/launch.ts';
import { productVersion } from '../supervisor/product-version.ts';
import type { StackPlan } from '../supervisor/stack-plan.ts';
import type { StackState } from '../supervisor/stack-state.ts';
import { type Given, type Outcome, runs, wrongUsage } from '../verb.ts';

const STOP_MS = 60_000;
/** How long executors may take to announce the app, milliseconds. */
const SERVING_MS = 30_000;
/** As `summit up` has it: docs/adr/0007. */
const PARTITIONS = 1;
const DURABILITY = 'synced to disk before it is acknowledged, 1 replica';

export function addBench(program: Command): void {
  const command = program
    .command('bench')
    .description('measure this machine, side by side with peers; starts and ends stacks of its own')
    .option('--peers <names>', `of ${peerNames.join(', ')}; or none (default: restate)`)
    .option('--one-process', 'only with every service in one process')
    .option('--distributed', 'only with the services apart')
    .option('--rounds <n>', 'rounds in turn; a figure is their median (default: 3)');
  runs(command, bench);
}

async function bench(given: Given): Promise<Outcome> {
  const only = given.flag('distributed') !== given.flag('oneProcess');
  const settings = only ? [given.flag('distributed')] : [false, true];
  const rounds = given.count('rounds');
  if (rounds === 0) throw wrongUsage('--rounds begins at 1');
  const report = await runBench({
    summits: settings.map((distributed) => () => startSummit(distributed, given.progress)),
    peers: peersOf(given.text('peers') ?? 'restate'),
    ...(rounds !== undefined && { rounds }),
    progress: given.progress,
  });
  return { document: report, text: reportTable(report) };
}

function peersOf(text: string): PeerName[] {
  const names = text === 'none' ? [] : text.split(',');
  return names.map((name) => {
    const known = peerNames.find((peer) => peer === name);
    if (known) return known;
    throw wrongUsage(`there is no peer ${name}; there are: ${peerNames.join(', ')}`);
  });
}

/**
 * A stack of its own with the app of `bench/app`, its data gone when it is stopped. The engine alone: what is derived
 * from the journal may lag and catch up, so nothing of it runs, the live events included.
 */
async function startSummit(distributed: boolean, progress: (line: string) => void): Promise<SummitEndpoint> {
  const dataDir = mkdtempSync(join(tmpdir(), 'summit-bench-'));
  const app = join(repositoryRoot, 'bench', 'app');
  const ports = { apiPort: 0, natsPort: 0 };
  const plan: StackPlan = {
    dataDir,
    app,
    distributed,
    partitions: PARTITIONS,
    ...ports,
    tenant: TENANT,
    only: 'core',
    liveEvents: false,
  };
  let stop = (): Promise<void> => Promise.resolve();
  try {
    const { state } = await launch(plan, progress);
    stop = () => endProcess(state.supervisor, 'SIGTERM', STOP_MS);
    const endpoint = {
      url: urlOf(state),
      token: await new DevelopmentTokens(dataDir).sign({ tenant: TENANT, ...DEVELOPER }),
    };
    await untilServing(endpoint);
    return {
      ...endpoint,
      about: aboutOf(state, distributed),
      stop: () => stop().finally(() => forget(dataDir)),
    };
  } catch (error) {
    await stop();
    forget(dataDir);
    throw error;
  }
}

function urlOf({ processes }: StackState): string {
  return processes.find(({ name }) => name === 'api' || name === 'host')?.url ?? '';
}

function aboutOf({ processes }: StackState, distributed: boolean): SummitEndpoint['about'] {
  const nats = processes.find(({ name }) => name === 'nats')?.version ?? 'unknown';
  return {
    versions: { summit: productVersion(), 'nats-server': nats },
    setting: distributed ? 'services apart' : 'one process',
    durability: DURABILITY,
  };
}

async function untilServing({ url, token }: Pick<SummitEndpoint, 'url' | 'token'>): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ workflow: 'bench-seq', input: { steps: 1 } });
  const look = async (): Promise<true | undefined> =>
    (await fetch(`${url}/v1/runs`, { method: 'POST', headers, body })).status === 201 ? true : undefined;
  if (await waitFor(look, { deadlineMs: SERVING_MS, everyMs: 100 })) return;
  throw new RetryableError(
    'STACK_NOT_SERVING',
    'no executor announced the app',
    'Run it again; see its logs.',
  );
}

function forget(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}
