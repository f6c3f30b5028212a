import { parseId, subjectToken } from '@summit/kernel';
import { GraphIds, KINDS, namesOf, type ProvEdge, type ProvNode, RELATIONS } from '@summit/prov';
import { type ManagedTransaction } from 'neo4j-driver';
import { z } from 'zod';
import { lineageNotFound } from './errors.ts';
import { NODE } from './statements.ts';

/** `up`: what it came from. `down`: what came of it. */
export type Direction = 'up' | 'down';

export interface LineageQuery {
  readonly direction: Direction;
  /** How many edges away; default {@link DEPTH}. */
  readonly depth?: number | undefined;
  /** At most so many nodes; default {@link LIMIT}. */
  readonly limit?: number | undefined;
}

/** A part of the graph. */
export interface Lineage {
  /** Ids of the nodes that were asked for. */
  readonly start: readonly string[];
  readonly nodes: readonly ProvNode[];
  readonly edges: readonly ProvEdge[];
  /** There is more than the depth or the limit let in. */
  readonly truncated: boolean;
}

const DEPTH = 25;
const LIMIT = 20_000;

const STEP = {
  up: `MATCH (n:${NODE})-->(m:${NODE}) WHERE n.id IN $ids RETURN DISTINCT m.id AS id`,
  down: `MATCH (n:${NODE})<--(m:${NODE}) WHERE n.id IN $ids RETURN DISTINCT m.id AS id`,
} as const;

/** A run's own steps and what was decided for it: they point to the run, and belong to where it comes from. */
const PARTS = `MATCH (n:${NODE}) WHERE n.id STARTS WITH $prefix RETURN n.id AS id
UNION MATCH (:${NODE} {id: $run})<--(n:${NODE}) WHERE n.kind IN $kinds RETURN n.id AS id
UNION MATCH (:${NODE} {id: $run})<--(:Deciding)<-[:WAS_GENERATED_BY]-(n:${NODE}) RETURN n.id AS id`;
const PART_KINDS = ['Deciding', 'State', 'Failure', 'PureSteps', 'Message', 'Approval', 'Proposal'];

/** Nodes near some of a tenant's: breadth first, one question a step, so that a dense graph costs no more than its size. */
export async function readLineage(
  transaction: ManagedTransaction,
  tenant: string,
  id: string,
  { direction, depth = DEPTH, limit = LIMIT }: LineageQuery,
): Promise<Lineage> {
  const ask = async (statement: string, given: object): Promise<string[]> => {
    const { records } = await transaction.run(statement, given);
    return records.map((record) => String(record.get('id')));
  };
  const start = await ask(...startOf(tenant, id));
  if (start.length === 0) throw lineageNotFound(id);
  const found = new Set(start);
  const add = (ids: readonly string[]): string[] => {
    const fresh = ids.filter((one) => !found.has(one)).slice(0, Math.max(0, limit - found.size));
    for (const one of fresh) found.add(one);
    return fresh;
  };
  const [run] = start;
  if (direction === 'up' && run !== undefined && start.length === 1 && isRun(tenant, run)) {
    add(await ask(PARTS, { run, prefix: `${run}/`, kinds: PART_KINDS }));
  }
  let frontier = [...found];
  for (let step = 0; step < depth && frontier.length > 0 && found.size < limit; step++) {
    frontier = add(await ask(STEP[direction], { ids: frontier }));
  }
  const truncated = frontier.length > 0;
  return { start, truncated, ...(await partOf(transaction, [...found])) };
}

const isRun = (tenant: string, id: string): boolean =>
  id.split('/').length === 3 && id.startsWith(rootOf(tenant, 'run'));
const rootOf = (tenant: string, what: string): string => `${subjectToken(tenant)}/${what}/`;

const BY_ID = `MATCH (n:${NODE} {id: $id}) RETURN n.id AS id`;
const BY_EVENT = `MATCH (n:${NODE} {event: $id}) RETURN n.id AS id`;

/** Which nodes an id means: a run, an approval, an event, or a node by its own id. */
function startOf(tenant: string, id: string): [statement: string, given: object] {
  const ids = new GraphIds(tenant);
  const known = parseId(id);
  if (known?.kind === 'run') return [BY_ID, { id: ids.run(id) }];
  if (known?.kind === 'apr') return [BY_ID, { id: ids.approval(id) }];
  if (!id.includes('/')) return [BY_EVENT, { id }];
  const root = `${subjectToken(tenant)}/`; // another tenant's id is looked for under ours, and not found // I8
  return [BY_ID, { id: id.startsWith(root) ? id : root + id }];
}

const PART = `MATCH (n:${NODE}) WHERE n.id IN $ids RETURN properties(n) AS properties ORDER BY n.at, n.id`;
const EDGES = `MATCH (a:${NODE})-[r]->(b:${NODE}) WHERE a.id IN $ids AND b.id IN $ids
RETURN type(r) AS type, a.id AS from, b.id AS to, properties(r) AS properties ORDER BY r.at, from, type, to`;

async function partOf(
  transaction: ManagedTransaction,
  ids: readonly string[],
): Promise<Pick<Lineage, 'nodes' | 'edges'>> {
  const nodes = await transaction.run(PART, { ids });
  const edges = await transaction.run(EDGES, { ids });
  return {
    nodes: nodes.records.map((record) => nodeOf(record.get('properties'))),
    edges: edges.records.map((record) => edgeOf(record.toObject())),
  };
}

const fact = z.union([z.string(), z.number(), z.boolean()]);
const caused = { tenant: z.string(), event: z.string(), at: z.string() };
const nodeSchema = z.object({ id: z.string(), kind: z.enum(namesOf(KINDS)), ...caused }).catchall(fact);
const edgeSchema = z.object({
  type: z.enum(namesOf(RELATIONS)),
  from: z.string(),
  to: z.string(),
  properties: z.object(caused).catchall(fact),
});

function nodeOf(properties: unknown): ProvNode {
  const { id, kind, tenant, event, at, ...facts } = nodeSchema.parse(properties);
  return { id, kind, tenant, event, at, facts: facts, shared: false };
}

function edgeOf(row: unknown): ProvEdge {
  const { type: relation, from, to, properties } = edgeSchema.parse(row);
  const { tenant, event, at, ...facts } = properties;
  return { relation, from, to, tenant, event, at, facts: facts, shared: false };
}
