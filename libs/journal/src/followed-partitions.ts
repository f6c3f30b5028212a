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
  readonly partitions: number;
  readonly storeOf: (partition: number) => JournalStore;
  readonly projectionOf: (partition: number) => Projection;
}

/** Is told, of the groups that are made again, how many are in and how many there are. */
export type RebuildProgress = (done: number, all: number) => void;

export class FollowedPartitions {
  readonly #all: readonly FollowedPartition[];
  #onChange: () => void = () => undefined;
  #rebuilt: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor({ partitions, storeOf, projectionOf, onChange, ...options }: FollowPartitions) {
    const follow: FollowOptions = {
      ...options,
      onChange: (standing) => {
        onChange?.(standing);
        this.#onChange();
      },
    };
    this.#all = Array.from(
      { length: partitions },
      (_, partition) => new FollowedPartition(partition, storeOf(partition), projectionOf(partition), follow),
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
   * Makes everything again, from zero up to where it stood; then goes on. `drop` forgets all content and every
   * position; nothing is written meanwhile. One after another where several are asked for. Rejects with what stopped
   * a partition, or where the projections are away.
   */
  rebuild(drop: () => Promise<void>, progress: RebuildProgress = () => undefined): Promise<void> {
    const done = this.#rebuilt.then(() => this.#rebuild(drop, progress));
    this.#rebuilt = done.catch(() => undefined);
    return done;
  }

  async #rebuild(drop: () => Promise<void>, progress: RebuildProgress): Promise<void> {
    await this.#halt();
    try {
      const goals = await Promise.all(this.#all.map(async (one) => ({ one, until: await one.sequence() })));
      await drop();
      if (this.#closed) throw isStopping(); // 2
      const all = goals.reduce((sum, { until }) => sum + until, 0);
      this.#onChange = () => {
        progress(
          this.standings.reduce((sum, { sequence }) => sum + sequence, 0),
          all,
        );
      };
      await Promise.all(goals.map(({ one, until }) => one.reach(until)));
    } finally {
      this.#onChange = () => undefined;
      this.start();
    }
  }

  async #halt(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.halt()));
  }
}
