import { Controller, Get, Header, Inject } from '@nestjs/common';
import { partitionToken, RetryableError } from '@summit/kernel';
import { type PartitionHealth, ProvenanceGraph } from './graph/provenance-graph.ts';

/** A gauge of every partition, and what it is for. */
const GAUGES: readonly (readonly [string, string, (health: PartitionHealth) => number])[] = [
  ['summit_graph_sequence', 'Last group of the journal that is in the graph.', ({ sequence }) => sequence],
  ['summit_graph_pending', 'Groups that are not in the graph yet.', ({ pending }) => pending],
  ['summit_graph_lag_ms', 'From commit to graph, oldest of the last batch.', ({ lagMs }) => lagMs],
  ['summit_graph_waiting', '1 while it waits for Neo4j.', ({ waiting }) => (waiting === undefined ? 0 : 1)],
  [
    'summit_graph_stopped',
    '1 where a partition has stopped for good.',
    ({ stopped }) => (stopped === undefined ? 0 : 1),
  ],
];

@Controller()
export class HealthController {
  readonly #graph: ProvenanceGraph;

  constructor(@Inject(ProvenanceGraph) graph: ProvenanceGraph) {
    this.#graph = graph;
  }

  /** The process lives; of each partition, where it stands and what it waits for. */
  @Get('healthz')
  healthz(): { status: string; partitions: PartitionHealth[] } {
    const partitions = this.#graph.health;
    return { status: partitions.some(({ stopped }) => stopped !== undefined) ? 'stopped' : 'ok', partitions };
  }

  /** It answers questions. */
  @Get('readyz')
  async readyz(): Promise<{ status: string }> {
    const stopped = this.#graph.health.find((health) => health.stopped !== undefined);
    if (!stopped) {
      await this.#graph.graph();
      return { status: 'ready' };
    }
    const message = `the graph of partition ${String(stopped.partition)} has stopped: ${stopped.stopped ?? ''}`;
    throw new RetryableError('NOT_READY', message, 'Read the page of that code.');
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): string {
    const gauges = GAUGES.flatMap(([name, help, value]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...this.#graph.health.map(
        (one) => `${name}{partition="${partitionToken(one.partition)}"} ${String(value(one))}`,
      ),
    ]);
    const counters = Object.entries(this.#graph.figures).flatMap(([name, value]) => [
      `# TYPE summit_graph_${name}_total counter`,
      `summit_graph_${name}_total ${String(value)}`,
    ]);
    return [...gauges, ...counters, ''].join('\n');
  }
}
