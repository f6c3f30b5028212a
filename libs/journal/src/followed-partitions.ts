/**
 * The journal of every partition into its projection, for as long as a service lives.
 *
 * Owns: the loops, and what is known of each. Does not own: what the projections keep.
 * 1. A partition that stops leaves the others as they are, and ends nothing else.
 * 2. After {@link FollowedPartitions.close} nothing is written.
 * 3. What is made again comes to where it stood before anybody hears that it is done. // I7
 */
import { FollowedPartition, type FollowOptions, isStopping } from './followed-partition.ts';
import { type JournalStore } from './journal-store.ts';
import { type PartitionStanding } from './partition-standing.ts';
import { type Projection } from './project.ts';

export interface FollowPartitions extends FollowOptions {
  /** By partition. */
  readonly projections: readonly Projection[];
  readonly storeOf: (partition: number) => JournalStore;
}

/** Is told, of the groups that are made again, how many are in and how many there are. */
export type RebuildProgress = (done: number, all: number) => void;

/** Makes everything again, from zero up to where it stood. Rejects with what stopped a partition. */
export type Refill = (progress?: RebuildProgress) => Promise<void>;

export class FollowedPartitions {
  readonly #all: readonly FollowedPartition[];
  #onChange = nobody;
  #rebuilt: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ projections, storeOf, onChange, ...options }: FollowPartitions) {
    const follow: FollowOptions = {
      ...options,
      onChange: (standing) => {
        onChange?.(standing);
        this.#onChange();
      },
    };
    this.#all = projections.map(
      (projection, partition) => new FollowedPartition(partition, storeOf(partition), projection, follow),
    );
  }

  /** By partition. */
  get standings(): readonly PartitionStanding[] {
    return this.#all.map(({ standing }) => standing);
  }

  start(): void {
    if (this.#closed) return;
    for (const one of this.#all) void one.follow();
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#halt();
    await this.#rebuilt;
  }

  /**
   * Lets `work` have the projections to itself: it forgets all content and every position, and refills. Afterwards
   * they are followed again. One work after another. Rejects with what `work` does, and where a projection is away.
   */
  rebuild<T>(work: (refill: Refill) => Promise<T>): Promise<T> {
    const done = this.#rebuilt.then(() => this.#rebuild(work));
    this.#rebuilt = done.catch(nobody);
    return done;
  }

  async #rebuild<T>(work: (refill: Refill) => Promise<T>): Promise<T> {
    await this.#halt();
    try {
      const goals = await Promise.all(this.#all.map((one) => one.sequence()));
      return await work((progress) => this.#refill(goals, progress));
    } finally {
      this.#onChange = nobody;
      this.start();
    }
  }

  async #refill(goals: readonly number[], progress: RebuildProgress = nobody): Promise<void> {
    if (this.#closed) throw isStopping(); // 2
    const all = sum(goals);
    this.#onChange = () => {
      progress(sum(this.standings.map(({ sequence }) => sequence)), all);
    };
    await Promise.all(this.#all.map((one, partition) => one.reach(goals[partition] ?? 0)));
  }

  async #halt(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.halt()));
  }
}

const nobody = (): void => undefined;
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
