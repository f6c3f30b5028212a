/**
 * Follows every partition's journal and writes its provenance.
 *
 * Neo4j away is waited for; nothing here ends because of it. // C1.1
 */
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  FollowedPartitions,
  type JournalStore,
  type PartitionStanding,
  type RebuildProgress,
} from '@summit/journal';
import { type Tracing } from '@summit/kernel';
import { type GraphDigest, type LineageGraph, type Written } from '@summit/lineage-neo4j';
import { type Log } from '@summit/runtime';
import { type OpenGraph } from './open-graph.ts';
import { PartitionGraph } from './partition-graph.ts';
import { type GraphVault } from './read-groups.ts';

/** From one batch to the next, milliseconds: small batches cost as much as large ones. */
const EVERY_MS = 100;
/** Of the journal, bytes: about a thousand nodes, so that no transaction grows large. */
const BATCH_BYTES = 1024 * 1024;
/** For people. */
export const GRAPH = 'the graph';

export interface ProvenanceGraphOptions {
  readonly tenant: string;
  readonly partitions: number;
  readonly graph: OpenGraph;
  readonly vault: GraphVault;
  readonly storeOf: (partition: number) => JournalStore;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

/** What two builds of the same graph have in common. // I7 */
export interface Rebuilt {
  readonly before: GraphDigest;
  readonly after: GraphDigest;
}

export class ProvenanceGraph implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly tenant: string;
  readonly #graph: OpenGraph;
  readonly #log: Log;
  readonly #followed: FollowedPartitions;
  #written: Written = { nodes: 0, edges: 0, lost: 0 };

  constructor({ tenant, partitions, graph, vault, storeOf, log, tracing, now }: ProvenanceGraphOptions) {
    this.tenant = tenant;
    this.#graph = graph;
    this.#log = log;
    const ofPartition = (_: unknown, partition: number): PartitionGraph =>
      new PartitionGraph({
        ...{ partition, tenant, vault },
        graph: () => graph.get(),
        onWritten: (written) => {
          this.#count(partition, written);
        },
      });
    this.#followed = new FollowedPartitions({
      what: GRAPH,
      name: 'graph',
      projections: Array.from({ length: partitions }, ofPartition),
      everyMs: EVERY_MS,
      batchBytes: BATCH_BYTES,
      ...{ storeOf, log, tracing, now },
    });
  }

  onApplicationBootstrap(): void {
    this.#followed.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#followed.close();
    await this.#graph.close();
  }

  /** How far each partition is in the graph. */
  get standings(): readonly PartitionStanding[] {
    return this.#followed.standings;
  }

  /** Since the process started. An edge is lost where one of its ends was not there: a defect. */
  get written(): Written {
    return this.#written;
  }

  /** The graph itself, for questions. Rejects with `GRAPH_UNREACHABLE`. */
  graph(): Promise<LineageGraph> {
    return this.#graph.get();
  }

  /**
   * Drops the graph and writes it again from the journal, up to where it stood; then says what it was and is. Others
   * may write meanwhile: then the second is larger. `progress` is told groups that are done, and how many there are.
   */
  async rebuild(progress?: RebuildProgress): Promise<Rebuilt> {
    const graph = await this.graph();
    return this.#followed.rebuild(async (refill) => {
      const before = await graph.digest();
      await graph.clear();
      await refill(progress);
      return { before, after: await graph.digest() };
    });
  }

  #count(partition: number, { nodes, edges, lost }: Written): void {
    const before = this.#written;
    this.#written = { nodes: before.nodes + nodes, edges: before.edges + edges, lost: before.lost + lost };
    if (lost > 0) this.#log.error({ partition, lost }, 'edges found no node at one of their ends');
  }
}
