/**
 * The work that every subject does, so that figures can stand side by side: runs of trivial durable steps, one after
 * another, many at once, and one long one.
 */
import { closedLoop, type Load, percentile } from './closed-loop.ts';

/** A part whose number is 0, or whose list is empty, is left out. */
export interface Workload {
  /** Steps of an ordinary run. */
  readonly steps: number;
  /** Runs of one batch before anything is measured; batches follow each other until `warmUpSeconds` have passed. */
  readonly warmUpRuns: number;
  readonly warmUpSeconds: number;
  readonly sequentialRuns: number;
  /** Runs of one batch under load; batches follow each other until `loadSeconds` have passed. */
  readonly loadRuns: number;
  readonly loadSeconds: number;
  readonly concurrencies: readonly number[];
  /** Steps of the one long run. */
  readonly bigSteps: number;
  /** Steps of a run of pure steps, where the subject knows such a thing. */
  readonly pureSteps: number;
}

/**
 * Warmed up as it is measured and for as long, of every subject alike, so that what is compiled at run time is compiled:
 * by a number of runs alone the faster one would be measured the colder.
 */
const WARM_UP_CONCURRENCY = 50;

export const standardWorkload: Workload = {
  steps: 10,
  warmUpRuns: 1_000,
  warmUpSeconds: 4,
  sequentialRuns: 200,
  loadRuns: 1_000,
  loadSeconds: 3,
  concurrencies: [50, 200],
  bigSteps: 1_000,
  pureSteps: 100,
};

/** An engine that is measured. Each call starts one run and waits until it has ended with the right result. */
export interface Subject {
  readonly run: (id: string, steps: number) => Promise<void>;
  readonly runPure?: (id: string, steps: number) => Promise<void>;
}

/** What one round gives for one figure. `p50` and `p99` are milliseconds of a run. */
export interface Sample {
  readonly value: number;
  readonly p50: number;
  readonly p99: number;
}

/** By the ids of figures: `seq_step_ms`, `steps_per_s_50` … */
export type Round = Readonly<Record<string, Sample>>;

/** Does the whole work once. `label` keeps the ids of runs apart from those of other rounds. */
export async function measure(subject: Subject, workload: Workload, label: string): Promise<Round> {
  const { steps, warmUpRuns, warmUpSeconds, sequentialRuns, concurrencies, bigSteps, pureSteps } = workload;
  const round: Record<string, Sample> = {};
  const { run, runPure } = subject;

  const warmUp = { loadRuns: warmUpRuns, loadSeconds: warmUpSeconds };
  await batches(warmUp, WARM_UP_CONCURRENCY, (i) => run(`${label}-warm-${i}`, steps));
  if (sequentialRuns > 0) {
    const load = await closedLoop(sequentialRuns, 1, (i) => run(`${label}-seq-${i}`, steps));
    round['seq_step_ms'] = perStep(load, steps);
  }
  for (const concurrency of concurrencies) {
    const load = await batches(workload, concurrency, (i) => run(`${label}-${concurrency}-${i}`, steps));
    round[`steps_per_s_${concurrency}`] = {
      value: (load.latenciesMs.length * steps) / load.seconds,
      ...quantiles(load),
    };
  }
  if (bigSteps > 0) {
    const load = await closedLoop(1, 1, () => run(`${label}-big`, bigSteps));
    round['big_run_step_ms'] = perStep(load, bigSteps);
  }
  if (runPure && pureSteps > 0) {
    await closedLoop(warmUpRuns / 10, 1, (i) => runPure(`${label}-pure-warm-${i}`, pureSteps));
    const pure = await closedLoop(sequentialRuns, 1, (i) => runPure(`${label}-pure-${i}`, pureSteps));
    round['pure_step_ms'] = perStep(pure, pureSteps);
  }
  return round;
}

/** A fast subject does a batch in less time than it takes to measure it well: it gets more of them. */
export async function batches(
  { loadRuns, loadSeconds }: Pick<Workload, 'loadRuns' | 'loadSeconds'>,
  concurrency: number,
  run: (index: number) => Promise<void>,
): Promise<Load> {
  const latenciesMs: number[] = [];
  let seconds = 0;
  do {
    const first = latenciesMs.length;
    const batch = await closedLoop(loadRuns, concurrency, (i) => run(first + i));
    latenciesMs.push(...batch.latenciesMs);
    seconds += batch.seconds;
  } while (seconds < loadSeconds);
  return { seconds, latenciesMs };
}

const quantiles = ({ latenciesMs }: Load): { p50: number; p99: number } => ({
  p50: percentile(latenciesMs, 0.5),
  p99: percentile(latenciesMs, 0.99),
});

function perStep(load: Load, steps: number): Sample {
  const { p50, p99 } = quantiles(load);
  return { value: p50 / steps, p50, p99 };
}
