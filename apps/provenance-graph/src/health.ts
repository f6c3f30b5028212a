import { expectNoneStopped, healthOf } from '@summit/journal';
import { byPartition, counter, gauge, type Health, type Metrics } from '@summit/platform/http';
import { GRAPH, type ProvenanceGraph } from './graph/provenance-graph.ts';

/** Of each partition, where it stands and what it waits for; ready while the graph answers questions. */
export const healthOfGraph = (graph: ProvenanceGraph): Health => ({
  alive: () => healthOf(graph.standings),
  async ready() {
    expectNoneStopped(graph.standings, GRAPH);
    await graph.graph();
    return { status: 'ready' };
  },
});

export const metricsOfGraph =
  (graph: ProvenanceGraph): Metrics =>
  () => [
    ...gauge(
      'summit_graph_sequence',
      'Last group of the journal that is in the graph.',
      byPartition(graph.standings, ({ sequence }) => sequence),
    ),
    ...gauge(
      'summit_graph_pending',
      'Groups that are not in the graph yet.',
      byPartition(graph.standings, ({ pending }) => pending),
    ),
    ...gauge(
      'summit_graph_lag_ms',
      'From commit to graph, oldest of the last batch.',
      byPartition(graph.standings, ({ lagMs }) => lagMs),
    ),
    ...gauge(
      'summit_graph_waiting',
      '1 while it waits for Neo4j.',
      byPartition(graph.standings, ({ state }) => Number(state === 'waiting')),
    ),
    ...gauge(
      'summit_graph_stopped',
      '1 where a partition has stopped for good.',
      byPartition(graph.standings, ({ state }) => Number(state === 'stopped')),
    ),
    ...counter('summit_graph_nodes_total', 'Nodes that were written.', [[{}, graph.written.nodes]]),
    ...counter('summit_graph_edges_total', 'Edges that were written.', [[{}, graph.written.edges]]),
    ...counter('summit_graph_lost_total', 'Edges whose ends were not there: a defect.', [
      [{}, graph.written.lost],
    ]),
  ];
