/**
 * Follows every partition's journal and writes its provenance.
 *
 * Owns: the loops. Does not own: Neo4j, the keys.
 * 1. Position and content move together, in one transaction. // I7
 * 2. Neo4j away is waited for; nothing here ends because of it. // C1.1
 */
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  type FollowedGroup,
  type JournalPosition,
  type JournalStore,
  positionAfter,
  project,
  type Projection,
  tracedProjection,
} from '@summit/journal';
import { errorRecord, type Tracing } from '@summit/kernel';
import { type GraphDigest, type LineageGraph } from '@summit/lineage-neo4j';
import { type Log } from '@summit/runtime';
import { type OpenGraph } from './open-graph.ts';
import { type GraphVault, readGroups } from './read-groups.ts';

/** From one batch to the next, milliseconds: small batches cost as much as large ones. */
const EVERY_MS = 100;
/** Of the journal, bytes: about a thousand nodes, so that no transaction grows large. */
const BATCH_BYTES = 1024 * 1024;

export interface ProvenanceGraphOptions {
  readonly tenant: string;
  readonly partitions: number;
  readonly graph: OpenGraph;
  readonly vault: GraphVault;
  readonly store: (partition: number) => JournalStore;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

/** How one partition does. */
export interface PartitionHealth {
  readonly partition: number;
  /** Last group of the journal that is in the graph. */
  readonly sequence: number;
  /** Groups that are not, when it was looked at last. */
  readonly pending: number;
  /** Milliseconds from the oldest commit of the last batch to its being in the graph. */
  readonly lagMs: number;
  /** Code of what is being waited for, such as `GRAPH_UNREACHABLE`. */
  readonly waiting?: string;
  /** Code of what stopped it for good. */
  readonly stopped?: string;
}

/** Since the process started. */
export interface Figures {
  readonly nodes: number;
  readonly edges: number;
  /** Edges whose ends were not there: a defect. */
  readonly lost: number;
}

export interface Rebuilt {
  readonly before: GraphDigest;
  readonly after: GraphDigest;
}

interface Followed {
  readonly partition: number;
  readonly stop: AbortController;
  done: Promise<void>;
  sequence: number;
  pending: number;
  lagMs: number;
  waiting?: string | undefined;
  stopped?: string;
  onChange: () => void;
}

export class ProvenanceGraph implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ProvenanceGraphOptions;
  readonly #followed = new Map<number, Followed>();
  #figures: Figures = { nodes: 0, edges: 0, lost: 0 };

  constructor(options: ProvenanceGraphOptions) {
    this.#options = options;
  }

  onApplicationBootstrap(): void {
    for (let partition = 0; partition < this.#options.partitions; partition++) this.#follow(partition);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#stop();
    await this.#options.graph.close();
  }

  get tenant(): string {
    return this.#options.tenant;
  }

  get figures(): Figures {
    return this.#figures;
  }

  get health(): PartitionHealth[] {
    return [...this.#followed.values()].map(({ partition, sequence, pending, lagMs, waiting, stopped }) => ({
      ...{ partition, sequence, pending, lagMs },
      ...(waiting !== undefined && { waiting }),
      ...(stopped !== undefined && { stopped }),
    }));
  }

  /** The graph itself, for questions. Rejects with `GRAPH_UNREACHABLE`. */
  graph(): Promise<LineageGraph> {
    return this.#options.graph.get();
  }

  /**
   * Drops the graph and writes it again from the journal, up to where it stood; then says what it was and is. Others
   * may write meanwhile: then the second is larger. `progress` is told groups that are done, and how many there are.
   */
  async rebuild(progress: (done: number, all: number) => void = () => undefined): Promise<Rebuilt> {
    const graph = await this.graph();
    const goals = new Map(this.health.map(({ partition, sequence }) => [partition, sequence]));
    await this.#stop();
    try {
      const before = await graph.digest();
      await graph.clear();
      const all = [...goals.values()].reduce((sum, sequence) => sum + sequence, 0);
      const told = (): void => {
        progress(
          this.health.reduce((sum, { sequence }) => sum + sequence, 0),
          all,
        );
      };
      for (const [partition, until] of goals) await this.#run(this.#place(partition, told), until);
      return { before, after: await graph.digest() };
    } finally {
      this.onApplicationBootstrap();
    }
  }

  async #stop(): Promise<void> {
    const all = [...this.#followed.values()];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #follow(partition: number): void {
    const followed = this.#place(partition);
    followed.done = this.#run(followed);
  }

  #place(partition: number, onChange: () => void = () => undefined): Followed {
    const before = this.#followed.get(partition);
    const { lagMs = 0 } = before ?? {};
    const counts = { sequence: 0, pending: 0, lagMs };
    const followed = { partition, stop: new AbortController(), done: Promise.resolve(), ...counts, onChange };
    this.#followed.set(partition, followed);
    return followed;
  }

  async #run(followed: Followed, until?: number): Promise<void> {
    const { partition, stop } = followed;
    const { log, tracing, store } = this.#options;
    if (until === 0) return;
    try {
      await project({
        store: store(partition),
        partition,
        projection: tracedProjection(this.#projection(followed), { name: 'graph', partition, tracing }),
        signal: stop.signal,
        everyMs: EVERY_MS,
        batchBytes: BATCH_BYTES,
        ...(until !== undefined && { until }),
        listener: {
          onProgress: ({ sequence }, pending) => {
            Object.assign(followed, { sequence, pending, waiting: undefined });
            followed.onChange();
          },
          onTrouble: (error, retryMs) => {
            followed.waiting = errorRecord(error).code;
            log.warn(
              { partition, retryMs, ...errorRecord(error) },
              'the graph could not be written; trying again',
            );
          },
        },
      });
    } catch (error) {
      followed.stopped = errorRecord(error).code;
      log.error({ partition, err: error, ...errorRecord(error) }, 'the graph of a partition has stopped');
    }
  }

  #projection(followed: Followed): Projection {
    const { partition } = followed;
    return {
      position: async () => {
        const position = await (await this.graph()).position(partition);
        followed.sequence = position?.sequence ?? 0;
        followed.waiting = undefined;
        return position;
      },
      apply: (groups, from) => this.#apply(followed, groups, from),
    };
  }

  async #apply(followed: Followed, groups: readonly FollowedGroup[], from: JournalPosition): Promise<void> {
    const last = groups.at(-1);
    if (!last) return;
    const { tenant, vault, now, log } = this.#options;
    const { partition } = followed;
    const { graphs, at } = readGroups(groups, { partition, tenant, vault });
    const graph = await this.graph();
    const written = await graph.apply({ partition, from, to: positionAfter(last), graphs });
    const { nodes, edges, lost } = this.#figures;
    this.#figures = {
      nodes: nodes + written.nodes,
      edges: edges + written.edges,
      lost: lost + written.lost,
    };
    if (written.lost > 0)
      log.error({ partition, lost: written.lost }, 'edges found no node at one of their ends');
    if (at !== undefined) followed.lagMs = Math.max(0, now() - at);
  }
}
