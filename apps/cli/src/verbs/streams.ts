import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NotFoundError } from '@summit/kernel';
import type { Command } from 'commander';
import {
  applyStreams,
  checkStreams,
  type Drift,
  natsOptions,
  natsUrlAs,
  readStreamFile,
  StreamChangeRefusedError,
} from '@summit/servers';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import { readStackState } from '../supervisor/stack-state.ts';
import { type Given, type Outcome, runs, table } from '../verb.ts';

export function addStreams(program: Command): void {
  const streams = program
    .command('streams')
    .description('the JetStream streams of deploy/nats/streams.yaml')
    .helpCommand(false);
  runs(
    withOptions(streams.command('apply').description('make them; refuse to change what must not change')),
    apply,
  );
  runs(withOptions(streams.command('check').description('exit status 1 where anything differs')), check);
}

function withOptions(command: Command): Command {
  return command
    .option('--url <url>', 'NATS (default: SUMMIT_NATS_URL, else the stack that is up)')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)')
    .option('--file <file>', 'default: deploy/nats/streams.yaml')
    .option('--partitions <n>', 'number of partitions (default: as the file says)')
    .option('--replicas <n>', '3 in a cluster (default: 1)');
}

async function apply(given: Given): Promise<Outcome> {
  return connected(given, async (nc) => {
    try {
      const applied = await applyStreams(nc, optionsOf(given));
      const { created, updated, unchanged } = applied;
      const counts = [created.length, updated.length, unchanged.length].map(String);
      const text = `${counts[0] ?? ''} created, ${counts[1] ?? ''} changed, ${counts[2] ?? ''} as they were`;
      return { document: { ok: true, ...applied }, text };
    } catch (error) {
      if (!(error instanceof StreamChangeRefusedError)) throw error;
      const { drift } = error;
      const document = { ok: false, error: { code: 'STREAM_CHANGE_REFUSED' }, drift };
      return { document, text: `refused, nothing was changed\n${driftText(drift)}`, exitCode: 1 };
    }
  });
}

async function check(given: Given): Promise<Outcome> {
  return connected(given, async (nc) => {
    const drift = await checkStreams(nc, optionsOf(given));
    const ok = drift.length === 0;
    return { document: { ok, drift }, text: ok ? 'no drift' : driftText(drift), exitCode: ok ? 0 : 1 };
  });
}

function optionsOf(given: Given): Parameters<typeof applyStreams>[1] {
  const partitions = given.count('partitions');
  const replicas = given.count('replicas');
  return {
    file: readStreamFile(given.text('file')),
    ...(partitions !== undefined && { partitions }),
    ...(replicas !== undefined && { replicas }),
  };
}

function driftText(drift: readonly Drift[]): string {
  const rows = drift.map(({ stream, field, expected, found }) => [
    stream,
    field,
    String(expected),
    String(found),
  ]);
  return table([['stream', 'field', 'expected', 'found'], ...rows]);
}

async function connected<T>(given: Given, work: (nc: NatsConnection) => Promise<T>): Promise<T> {
  const nc = await connect({ ...natsOptions(urlOf(given)), name: 'summit streams' });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}

function urlOf(given: Given): string {
  const named = given.text('url') ?? process.env['SUMMIT_NATS_URL'];
  if (named) return named;
  const dataDir = dataDirOf(given.text('data'));
  const running = readStackState(dataDir)?.processes.find(({ name }) => name === 'nats')?.url;
  if (running) return natsUrlAs(running, natsDataDir(dataDir), 'operator');
  throw new NotFoundError(
    'NO_NATS',
    'no NATS to talk to',
    'Give --url or SUMMIT_NATS_URL, or start one: summit up',
  );
}
