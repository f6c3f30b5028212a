import { errorRecord, RetryableError, type Tracing } from '@summit/kernel';
import { type JournalPosition } from './chain.ts';
import { type FollowedGroup } from './follow.ts';
import { timeOf } from './group.ts';
import { type JournalStore } from './journal-store.ts';
import { type PartitionStanding } from './partition-standing.ts';
import { project, type Projection } from './project.ts';
import { tracedProjection } from './traced-projection.ts';

/** Where troubles are told. */
export interface FollowLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How partitions are followed. */
export interface FollowOptions {
  /** What is made of the journal, for people: `the graph`. */
  readonly what: string;
  /** The same in spans: `graph`. */
  readonly name: string;
  /** See `project`. */
  readonly everyMs?: number;
  readonly batchBytes?: number;
  readonly log: FollowLog;
  readonly tracing?: Tracing | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** When its projection has said where it stands, after each batch, and when it waits or stops. */
  readonly onChange?: (standing: PartitionStanding) => void;
}

/** One partition's journal into its projection, and how that goes. It never rejects: what stops it is its standing. */
export class FollowedPartition {
  readonly #partition: number;
  readonly #store: JournalStore;
  readonly #projection: Projection;
  readonly #options: FollowOptions;
  #standing: PartitionStanding;
  #failure: unknown;
  #halt = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(partition: number, store: JournalStore, projection: Projection, options: FollowOptions) {
    this.#partition = partition;
    this.#store = store;
    this.#projection = this.#watched(projection);
    this.#options = options;
    this.#standing = { partition, sequence: 0, pending: 0, lagMs: 0, state: 'following' };
  }

  get standing(): PartitionStanding {
    return this.#standing;
  }

  /** Where it stands, asked of the projection itself. Rejects where that is away. */
  async sequence(): Promise<number> {
    return (await this.#projection.position())?.sequence ?? 0;
  }

  /** From where the projection stands until it is halted, or up to the group `until`. */
  follow(until?: number): Promise<void> {
    this.#halt = new AbortController();
    this.#failure = undefined;
    this.#standing = { ...this.#standing, state: 'following', error: undefined };
    this.#done = this.#run(this.#halt.signal, until);
    return this.#done;
  }

  /** {@link follow}, from nothing up to a group. Rejects with what stopped it before, `NOT_READY` where it was halted. */
  async reach(until: number): Promise<void> {
    this.#standing = { ...this.#standing, sequence: 0, pending: 0 };
    await this.follow(until);
    if (this.#failure instanceof Error) throw this.#failure;
    if (this.#halt.signal.aborted) throw isStopping();
  }

  /** Resolves when nothing is written any more. */
  async halt(): Promise<void> {
    this.#halt.abort();
    await this.#done;
  }

  async #run(signal: AbortSignal, until: number | undefined): Promise<void> {
    const { name, what, tracing, everyMs, batchBytes, log } = this.#options;
    const partition = this.#partition;
    try {
      await project({
        store: this.#store,
        partition,
        projection: tracedProjection(this.#projection, { name, partition, tracing }),
        signal,
        ...(everyMs !== undefined && { everyMs }),
        ...(batchBytes !== undefined && { batchBytes }),
        ...(until !== undefined && { until }),
        listener: {
          onProgress: ({ sequence }, pending) => {
            this.#change({ sequence, pending });
          },
          onTrouble: (error, retryMs) => {
            log.warn(
              { partition, retryMs, err: error },
              `a partition of ${what} can not go on; trying again`,
            );
            this.#change({ state: 'waiting', error: errorRecord(error) });
          },
        },
      });
    } catch (error) {
      this.#failure = error;
      log.error({ partition, err: error, ...errorRecord(error) }, `a partition of ${what} has stopped`);
      this.#change({ state: 'stopped', error: errorRecord(error) });
    }
  }

  /** Says where it stands once its store answers again, and how long the oldest commit of a batch waited. */
  #watched(projection: Projection): Projection {
    return {
      position: async () => {
        const position = await projection.position();
        this.#change({ sequence: position?.sequence ?? 0, state: 'following', error: undefined });
        return position;
      },
      apply: async (groups: readonly FollowedGroup[], from: JournalPosition) => {
        await projection.apply(groups, from);
        const at = timeOf(groups[0]?.commits[0]?.line ?? '');
        if (at === undefined) return;
        this.#standing = { ...this.#standing, lagMs: Math.max(0, this.#options.now() - at) };
      },
    };
  }

  #change(change: Partial<PartitionStanding>): void {
    this.#standing = { ...this.#standing, ...change };
    this.#options.onChange?.(this.#standing);
  }
}

export const isStopping = (): RetryableError =>
  new RetryableError('NOT_READY', 'the service is stopping', 'Ask again in a moment.');
