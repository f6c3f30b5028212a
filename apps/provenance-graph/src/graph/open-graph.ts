import { RetryableError } from '@summit/kernel';
import { type LineageGraph } from '@summit/lineage-neo4j';

/** A graph that is opened when it is first wanted, and again after that failed: Neo4j may come up later. */
export class OpenGraph {
  readonly #open: () => Promise<LineageGraph>;
  #graph: Promise<LineageGraph> | undefined;
  #closed = false;

  constructor(open: () => Promise<LineageGraph>) {
    this.#open = open;
  }

  /** Rejects with `GRAPH_UNREACHABLE`, `GRAPH_OF_ANOTHER_TENANT`. */
  get(): Promise<LineageGraph> {
    if (this.#closed) return Promise.reject(closed());
    this.#graph ??= this.#open().catch((error: unknown) => {
      this.#graph = undefined;
      throw error;
    });
    return this.#graph;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const graph = await this.#graph?.catch(() => undefined);
    await graph?.close();
  }
}

const closed = (): RetryableError => new RetryableError('NOT_READY', 'the service is stopping', 'Ask again.');
