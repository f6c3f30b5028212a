/**
 * The bench: Summit and its peers do the same work on the same machine in the same hour, round by round in turn
 * (A B A B), and each figure is the median of its rounds.
 */
import { median } from './closed-loop.ts';
import type { Contestant } from './contestant.ts';
import { describeMachine } from './machine.ts';
import { installPeers, type PeerName, startPeer } from './peers.ts';
import type { BenchReport, Figure } from './report.ts';
import { type SummitEndpoint, summitContestant } from './summit.ts';
import { type Round, standardWorkload, type Workload } from './workload.ts';

export interface BenchOptions {
  /** One for each setting to measure: starts a Summit with the app of `bench/app`. They run one after another. */
  readonly summits: readonly (() => Promise<SummitEndpoint>)[];
  readonly peers: readonly PeerName[];
  /** Default 3, the fewest of which a median says anything. */
  readonly rounds?: number;
  readonly workload?: Workload;
  readonly progress?: (line: string) => void;
}

/** Runs the bench. Whatever it started has ended when this returns or throws. */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { summits, peers, rounds = 3, workload = standardWorkload, progress = () => undefined } = options;
  if (peers.length > 0) await installPeers(progress);
  const versions: Record<string, string> = { node: process.versions.node };
  const figures: Figure[] = [];
  for (const startSummit of summits) {
    await using contest = new Contest();
    const summit = await contest.add(startSummit().then(summitContestant));
    for (const peer of peers) await contest.add(startPeer(peer));
    for (const { about } of contest.contestants) Object.assign(versions, about.versions);
    const results = await takeTurns(contest.contestants, { rounds, workload, progress });
    figures.push(...figuresOf(summit, results));
  }
  return { machine: describeMachine(), versions, figures };
}

/** Owns the contestants of one setting; stops them, the last one first. */
class Contest implements AsyncDisposable {
  readonly contestants: Contestant[] = [];

  async add(starting: Promise<Contestant>): Promise<Contestant> {
    const contestant = await starting;
    this.contestants.push(contestant);
    return contestant;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const contestant of this.contestants.toReversed()) await contestant.stop();
  }
}

type Results = ReadonlyMap<Contestant, readonly Round[]>;

interface Turns {
  readonly rounds: number;
  readonly workload: Workload;
  readonly progress: (line: string) => void;
}

async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, workload, progress }: Turns,
): Promise<Results> {
  const results = new Map<Contestant, Round[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [contestant, measured] of results) {
      progress(`round ${round} of ${rounds}: ${contestant.name} (${contestant.about.setting})`);
      measured.push(await contestant.measure(workload));
    }
  }
  return results;
}

function figuresOf(summit: Contestant, results: Results): Figure[] {
  const medians = new Map([...results].map(([contestant, rounds]) => [contestant, mediansOf(rounds)]));
  return [...medians].flatMap(([contestant, samples]) =>
    Object.entries(samples).map(([id, sample]): Figure => {
      const { setting, durability } = contestant.about;
      const unit = id.includes('_per_s') ? '1/s' : 'ms';
      const own = medians.get(summit)?.[id];
      const beside =
        contestant === summit || !own
          ? {}
          : { ratio: own.value / sample.value, against: summit.about.setting };
      return { id, subject: contestant.name, setting, durability, unit, ...sample, ...beside };
    }),
  );
}

function mediansOf(rounds: readonly Round[]): Round {
  const ids = Object.keys(rounds[0] ?? {});
  const of = (id: string, field: 'value' | 'p50' | 'p99'): number =>
    median(rounds.flatMap((round) => round[id]?.[field] ?? []));
  return Object.fromEntries(
    ids.map((id) => [id, { value: of(id, 'value'), p50: of(id, 'p50'), p99: of(id, 'p99') }]),
  );
}
