import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '@summit/kernel';
import { type ManagedTransaction } from 'neo4j-driver';
import { NODE } from './statements.ts';

/** What a whole graph is, in one line. */
export interface GraphDigest {
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly nodes: number;
  readonly edges: number;
}

/** Nodes that are read at once. */
const PAGE = 2000;

const NODES = `MATCH (n:${NODE}) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
OPTIONAL MATCH (n)-[r]->(m:${NODE})
RETURN n.id AS id, labels(n) AS labels, properties(n) AS properties,
  collect(CASE WHEN r IS NULL THEN null ELSE [type(r), m.id, properties(r)] END) AS edges
ORDER BY id`;

/** Reads the graph in the order of ids, page by page, each node with its edges in canonical order. */
export async function digestOf(transaction: ManagedTransaction): Promise<GraphDigest> {
  const hash = createHash('sha256');
  let [nodes, edges, after] = [0, 0, ''];
  for (;;) {
    const { records } = await transaction.run(NODES, { after, limit: BigInt(PAGE) });
    for (const record of records) {
      const { id, labels, properties, edges: out } = record.toObject() as Row;
      const lines = out.map((edge) => canonicalJson(edge)).sort();
      hash.update(`${canonicalJson([[...labels].sort(), properties])}\n${lines.join('\n')}\n`);
      nodes += 1;
      edges += lines.length;
      after = id;
    }
    if (records.length < PAGE) return { digest: hash.digest('hex'), nodes, edges };
  }
}

interface Row {
  readonly id: string;
  readonly labels: readonly string[];
  readonly properties: Json;
  readonly edges: readonly Json[];
}
