import { type JournalPosition } from '@summit/journal';
import { type ProvGraph, type ProvNode } from '@summit/prov';
import { type GraphStep } from './lineage-graph.ts';

export const position = (sequence: number): JournalPosition => ({
  sequence,
  digest: `d${String(sequence)}`,
  epoch: 1,
});

const caused = (event: number, tenant = 'acme') => ({
  tenant,
  event: `00-acme-${String(event)}.0`,
  at: new Date(1_795_373_709_000 + event).toISOString(),
});
const node = (kind: ProvNode['kind'], id: string, event: number, shared = false): ProvNode => ({
  ...{ id: `acme/${id}`, kind, shared, ...caused(event) },
  facts: { name: id, step: event },
});

/** A run of plain steps, as its commits map: two nodes and two edges a step. */
export function runGraphs(name: string, steps: number, first = 0): ProvGraph[] {
  const run = `run/${name}`;
  const start: ProvGraph = {
    nodes: [node('Run', run, first), node('User', 'user/u1', first, true)],
    edges: [edge(run, 'WAS_ASSOCIATED_WITH', 'user/u1', first)],
    changes: [],
  };
  const calls = Array.from({ length: steps }, (_, i): ProvGraph => {
    const event = first + i + 1;
    const attempt = `${run}/step/${String(i)}/attempt/1`;
    const result = `${run}/step/${String(i)}/result`;
    return {
      nodes: [node('Attempt', attempt, event), node('Result', result, event)],
      edges: [edge(attempt, 'WAS_INFORMED_BY', run, event), edge(result, 'WAS_GENERATED_BY', attempt, event)],
      changes: [],
    };
  });
  return [
    start,
    ...calls,
    { nodes: [], edges: [], changes: [{ id: `acme/${run}`, facts: { status: 'completed' } }] },
  ];
}

export function edge(
  from: string,
  relation: ProvGraph['edges'][number]['relation'],
  to: string,
  event: number,
): ProvGraph['edges'][number] {
  return { relation, from: `acme/${from}`, to: `acme/${to}`, ...caused(event), facts: {}, shared: false };
}

/** Step after step of a projection: each of `size` graphs. */
export function stepsOf(graphs: readonly ProvGraph[], size: number, partition = 0): GraphStep[] {
  const count = Math.ceil(graphs.length / size);
  return Array.from({ length: count }, (_, i) => ({
    partition,
    from: i === 0 ? undefined : position(i),
    to: position(i + 1),
    graphs: graphs.slice(i * size, (i + 1) * size),
  }));
}

/** The same thing of several partitions, with different causes. */
export function sharedGraph(event: number): ProvGraph {
  return {
    nodes: [node('User', 'user/u1', event, true), node('Organisation', 'organisation', event, true)],
    edges: [{ ...edge('user/u1', 'ACTED_ON_BEHALF_OF', 'organisation', event), shared: true }],
    changes: [],
  };
}
