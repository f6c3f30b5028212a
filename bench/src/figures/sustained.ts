/**
 * What is sustained with everything on: a load, then the wait until every projection has all that it made. Beside it,
 * a peer's bare steps/s at as many runs, measured before, with nothing of Summit running.
 */
import { percentile } from '../closed-loop.ts';
import { HttpClient } from '../http-client.ts';
import { Lab } from '../lab.ts';
import type { Figure } from '../report.ts';
import type { SummitStack } from '../stack.ts';
import { runToEnd } from '../summit.ts';
import { batches, type Workload } from '../workload.ts';
import { metricOf, sampled } from './metrics.ts';
import { lagOf, untilCaughtUp } from './projections.ts';

const CONCURRENCY = 50;
const SAMPLE_MS = 50;
/** A rate over less time than this says nothing. */
const LEAST_MS = 1_000;

export async function sustainedFigures(lab: Lab): Promise<Figure[]> {
  const peers = await bareFigures(lab);
  const stack = await lab.stack({ distributed: lab.distributed, whole: true });
  const { progress, workload } = lab.given;
  const load = loadOn(stack, lab);
  // Java compiles what it runs often: it is to have run often.
  const warmUp = { loadRuns: Math.ceil(workload.warmUpRuns / 2), loadSeconds: 0 };
  progress(`warming up: ${warmUp.loadRuns} runs and what is derived from them (${stack.about.setting})`);
  await load(warmUp);
  await untilCaughtUp(stack, progress);

  progress(`load: ${CONCURRENCY} runs at once for ${workload.loadSeconds} s`);
  const checkpoints = sampled(() => metricOf(stack, 'audit', 'summit_audit_checkpoint_lag_ms'), SAMPLE_MS);
  const began = performance.now();
  const { steps, seconds } = await load(workload);
  const loadedUntil = performance.now();
  const lagMs = await checkpoints();
  const lag = await lagOf(stack);
  const pairsBefore = await pairsIn(stack);
  await untilCaughtUp(stack, progress);
  const until = performance.now();
  const pairs = (await pairsIn(stack)) - pairsBefore;

  const figure = figuresFor(stack);
  const sustained = (steps * 1000) / (until - began);
  const catchUpMs = until - loadedUntil;
  return [
    figure('sustained_steps_per_s', sustained, '1/s'),
    ...peers.map((peer) => ({ ...peer, ratio: sustained / peer.value, against: stack.about.setting })),
    figure('loaded_steps_per_s', steps / seconds, '1/s', 'while the load runs'),
    ...lag.map(({ name, groups }) => figure(`${name}_lag_groups`, groups, 'groups', 'when the load ends')),
    {
      ...figure('checkpoint_lag_ms', percentile(lagMs, 0.5), 'ms', 'while the load runs'),
      ...{ p50: percentile(lagMs, 0.5), p99: percentile(lagMs, 0.99) },
    },
    ...(catchUpMs < LEAST_MS
      ? []
      : [figure('graph_events_per_s', (pairs * 1000) / catchUpMs, 'pairs/s', 'catching up after the load')]),
    figure('audit_leaves_per_s', await leavesPerSecond(stack), '1/s', 'made again from the journal'),
  ];
}

/** Each peer at as many runs, by itself. */
async function bareFigures({ given, versions }: Lab): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of given.peers) {
    await using lab = new Lab(given);
    const { about, measure } = await lab.peer(name);
    given.progress(`${name}, bare: ${CONCURRENCY} runs at once (${about.setting})`);
    const bare = { ...given.workload, sequentialRuns: 0, bigSteps: 0, pureSteps: 0 };
    const round = await measure({ ...bare, concurrencies: [CONCURRENCY] });
    const value = round[`steps_per_s_${CONCURRENCY}`]?.value;
    if (value === undefined) throw new Error(`${name} did not say how fast it was`);
    const { durability, setting } = about;
    figures.push({
      ...{ id: 'sustained_steps_per_s', subject: name, unit: '1/s', value, durability },
      setting: `${setting}, nothing derived`,
    });
    Object.assign(versions, lab.versions);
  }
  return figures;
}

type LoadDone = { readonly steps: number; readonly seconds: number };

function loadOn(
  { url, token }: SummitStack,
  lab: Lab,
): (load: Pick<Workload, 'loadRuns' | 'loadSeconds'>) => Promise<LoadDone> {
  const client = new HttpClient(url, { authorization: `Bearer ${token}` });
  lab.onEnd(async () => client.close());
  const { steps } = lab.given.workload;
  let count = 0;
  return async (load) => {
    const { latenciesMs, seconds } = await batches(load, CONCURRENCY, () =>
      runToEnd(client, { workflow: 'bench-seq', id: `sustained-${++count}`, steps }),
    );
    return { steps: latenciesMs.length * steps, seconds };
  };
}

/** Pairs of a node and an edge that were written since the service started. */
async function pairsIn(stack: SummitStack): Promise<number> {
  const of = (what: string): Promise<number> =>
    metricOf(stack, 'provenance-graph', `summit_graph_${what}_total`);
  return ((await of('nodes')) + (await of('edges'))) / 2;
}

/** How fast the logs take leaves when that is all there is to do: they are made again, roots compared. */
async function leavesPerSecond(stack: SummitStack): Promise<number> {
  const { token, urls } = stack;
  const leaves = await metricOf(stack, 'audit', 'summit_audit_leaves');
  const began = performance.now();
  const { status } = await fetch(`${urls['audit'] ?? ''}/v1/rebuild`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (status !== 200) throw new Error(`the logs could not be made again: ${status}`);
  return (leaves * 1000) / (performance.now() - began);
}

type MakeFigure = (id: string, value: number, unit: string, when?: string) => Figure;

const figuresFor =
  ({ about: { setting, durability } }: SummitStack): MakeFigure =>
  (id, value, unit, when) => ({
    ...{ id, subject: 'summit', durability, value, unit },
    setting: when === undefined ? setting : `${setting}, ${when}`,
  });
