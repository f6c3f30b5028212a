import { classOf, KINDS, namesOf, type NodeKind, type Relation, RELATIONS } from '@summit/prov';

/** Every node of the graph bears it, beside its class in PROV and its kind. */
export const NODE = 'Prov';

/** What a new database is given. Names of constraints are ours, so that nothing else there is touched. */
export const SCHEMA = [
  `CREATE CONSTRAINT summit_node IF NOT EXISTS FOR (n:${NODE}) REQUIRE n.id IS UNIQUE`,
  'CREATE CONSTRAINT summit_position IF NOT EXISTS FOR (p:SummitPosition) REQUIRE p.partition IS UNIQUE',
  'CREATE CONSTRAINT summit_mark IF NOT EXISTS FOR (m:SummitGraph) REQUIRE m.id IS UNIQUE',
  `CREATE INDEX summit_event IF NOT EXISTS FOR (n:${NODE}) ON (n.event)`,
] as const;

/** The mark of a graph that belongs to one tenant. // I8 */
export const MARK =
  "MERGE (m:SummitGraph {id: 'tenant'}) ON CREATE SET m.tenant = $tenant RETURN m.tenant AS tenant";

export const POSITION =
  'MATCH (p:SummitPosition {partition: $partition}) RETURN p.sequence AS sequence, p.digest AS digest, p.epoch AS epoch';

/** Answers a row only where the position was the expected one; holds it against other writers until the end. */
export const MOVE = `MERGE (p:SummitPosition {partition: $partition})
ON CREATE SET p.sequence = 0
WITH p WHERE p.sequence = $expected
SET p.sequence = $sequence, p.digest = $digest, p.epoch = $epoch
RETURN p.sequence AS sequence`;

const labels = (kind: NodeKind): string => `${classOf(kind)}:${kind}`;

/** Nodes that one commit alone brings. */
const own = (kind: NodeKind): string =>
  `UNWIND $rows AS row MERGE (n:${NODE} {id: row.id}) ON CREATE SET n = row, n:${labels(kind)}`;

/** Nodes that many bring, in any order: the earliest is their cause, so from zero they come out the same. // I7 */
const shared = (kind: NodeKind): string => `${own(kind)}
WITH n, row WHERE row.at < n.at OR (row.at = n.at AND row.event < n.event)
SET n = row`;

const ends = `UNWIND $rows AS row MATCH (a:${NODE} {id: row.from}) MATCH (b:${NODE} {id: row.to})`;

/** Edges that one event alone brings; the position, moved in the same transaction, keeps them from coming twice. */
const ownEdge = (relation: Relation): string =>
  `${ends} CREATE (a)-[r:${relation}]->(b) SET r = row.props RETURN count(r) AS made`;

const sharedEdge = (relation: Relation): string => `${ends}
MERGE (a)-[r:${relation}]->(b) ON CREATE SET r = row.props
WITH r, row
FOREACH (_ IN CASE WHEN row.props.at < r.at OR (row.props.at = r.at AND row.props.event < r.event) THEN [1] ELSE [] END |
  SET r = row.props)
RETURN count(r) AS made`;

interface Pair {
  readonly own: string;
  readonly shared: string;
}

/** One statement for each kind and relation: labels are no parameters, and few texts mean few plans. */
export const NODES: ReadonlyMap<string, Pair> = new Map(
  namesOf(KINDS).map((kind) => [kind, { own: own(kind), shared: shared(kind) }]),
);
export const EDGES: ReadonlyMap<string, Pair> = new Map(
  namesOf(RELATIONS).map((relation) => [relation, { own: ownEdge(relation), shared: sharedEdge(relation) }]),
);

export const CHANGE = `UNWIND $rows AS row MATCH (n:${NODE} {id: row.id}) SET n += row.facts`;

/** Everything that the writer ever makes, a few thousand at a time. */
export const CLEAR = [
  `MATCH (n:${NODE}) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS`,
  'MATCH (n:SummitPosition) DELETE n',
] as const;
