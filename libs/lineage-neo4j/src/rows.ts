import { type Facts, type ProvEdge, type ProvGraph, type ProvNode } from '@summit/prov';

/** A statement's rows. */
export interface Rows {
  readonly kind: string;
  readonly shared: boolean;
  readonly rows: readonly Row[];
}
export type Row = Readonly<Record<string, unknown>>;

/** What is written of several graphs: grouped by statement, in the order in which they came. */
export interface Batch {
  readonly nodes: readonly Rows[];
  readonly edges: readonly Rows[];
  readonly changes: readonly Row[];
  /** How many edges there are, so that one that finds no end is noticed. */
  readonly edgeCount: number;
}

/** Knows which shared things the graph holds already with a cause that is as early. Bounded; a loss costs a write. */
export class KnownShared {
  readonly #causes = new Map<string, string>();
  readonly #limit: number;

  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  needs(key: string, cause: string): boolean {
    const known = this.#causes.get(key);
    return known === undefined || cause < known;
  }

  add(key: string, cause: string): void {
    if (this.#causes.size >= this.#limit) this.#causes.clear();
    this.#causes.set(key, cause);
  }

  clear(): void {
    this.#causes.clear();
  }
}

/** Groups what graphs bring; `settle` tells the known ones once all of it is durable. */
export function batchOf(
  graphs: readonly ProvGraph[],
  known: KnownShared,
): { readonly batch: Batch; readonly settle: () => void } {
  const nodes = new Map<string, Row[]>();
  const edges = new Map<string, Row[]>();
  const fresh = new Map<string, string>();
  let edgeCount = 0;
  const wanted = (key: string, shared: boolean, { at, event }: ProvNode | ProvEdge): boolean => {
    if (!shared) return true;
    const cause = `${at} ${event}`;
    const mine = fresh.get(key);
    if (!known.needs(key, cause) || (mine !== undefined && mine <= cause)) return false;
    fresh.set(key, cause);
    return true;
  };
  for (const graph of graphs) {
    for (const node of graph.nodes) {
      if (wanted(node.id, node.shared, node))
        push(nodes, `${node.kind} ${String(node.shared)}`, nodeRow(node));
    }
    for (const edge of graph.edges) {
      const { relation, from, to, shared } = edge;
      if (!wanted(`${from} ${relation} ${to}`, shared, edge)) continue;
      push(edges, `${relation} ${String(shared)}`, edgeRow(edge));
      edgeCount += 1;
    }
  }
  const changes = graphs.flatMap((graph) =>
    graph.changes.map(({ id, facts }) => ({ id, facts: stored(facts) })),
  );
  return {
    batch: { nodes: grouped(nodes), edges: grouped(edges), changes, edgeCount },
    settle: () => {
      for (const [key, cause] of fresh) known.add(key, cause);
    },
  };
}

const nodeRow = ({ id, kind, tenant, event, at, facts }: ProvNode): Row => ({
  ...stored(facts),
  ...{ id, kind, tenant, event, at },
});

const edgeRow = ({ from, to, tenant, event, at, facts }: ProvEdge): Row => ({
  from,
  to,
  props: { ...stored(facts), tenant, event, at },
});

/** Whole numbers as such: a plain number of JavaScript would be stored as a float, and shown as `3.0`. */
export const stored = (facts: Facts): Row =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, Number.isSafeInteger(value) ? BigInt(value) : value]),
  );

function push(map: Map<string, Row[]>, key: string, row: Row): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}

const grouped = (map: ReadonlyMap<string, Row[]>): Rows[] =>
  [...map].map(([key, rows]) => {
    const [kind = '', shared] = key.split(' ');
    return { kind, shared: shared === 'true', rows };
  });
