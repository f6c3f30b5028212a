/**
 * What the engine does: Summit and its peers do the same work on the same machine in the same hour, round by round in
 * turn (A B A B), and each figure is the median of its rounds.
 */
import { median } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { Lab } from '../lab.ts';
import type { Figure } from '../report.ts';
import { summitContestant } from '../summit.ts';
import type { Round } from '../workload.ts';

/** In each setting that is asked for, what is derived from the journal left out: it may lag and catch up. */
export async function engineFigures({ given, versions }: Lab): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { distributed } of given.settings) {
    await using lab = new Lab(given);
    const summit = summitContestant(await lab.stack({ distributed, whole: false }));
    lab.onEnd(summit.stop);
    const contestants = [summit];
    for (const peer of given.peers) contestants.push(await lab.peer(peer));
    figures.push(...figuresOf(summit, await takeTurns(contestants, lab)));
    Object.assign(versions, lab.versions);
  }
  return figures;
}

type Results = ReadonlyMap<Contestant, readonly Round[]>;

async function takeTurns(contestants: readonly Contestant[], { given }: Lab): Promise<Results> {
  const { rounds, workload, progress } = given;
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
