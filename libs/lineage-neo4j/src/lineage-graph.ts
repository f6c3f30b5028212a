/**
 * The PROV graph of one tenant in Neo4j.
 *
 * 1. Position and content change in one transaction, and only from the position that the writer expects. // I7
 * 2. A graph is marked for its tenant and takes nothing of another. // I8
 * 3. Every node and edge names the event that caused it. // C4.4
 */
import { type JournalPosition } from '@summit/journal';
import { subjectToken } from '@summit/kernel';
import { type ProvGraph } from '@summit/prov';
import { type ManagedTransaction } from 'neo4j-driver';
import { Connection, type Neo4jAddress } from './connect.ts';
import { graphOfAnother, positionMoved } from './errors.ts';
import { digestOf, type GraphDigest } from './graph-digest.ts';
import { type Lineage, type LineageQuery, readLineage } from './lineage.ts';
import { type Batch, batchOf, KnownShared, stored } from './rows.ts';
import { CHANGE, CLEAR, EDGES, MARK, MOVE, NODES, POSITION, SCHEMA } from './statements.ts';

/** What a step of the projection writes. */
export interface GraphStep {
  readonly partition: number;
  /** Where the graph must stand; undefined at the very start. */
  readonly from: JournalPosition | undefined;
  /** Where it stands afterwards. */
  readonly to: JournalPosition;
  readonly graphs: readonly ProvGraph[];
}

/** How much was written. `lost` edges found no node at one of their ends: a defect, unless the graph was edited. */
export interface Written {
  readonly nodes: number;
  readonly edges: number;
  readonly lost: number;
}

export class LineageGraph {
  readonly tenant: string;
  readonly #connection: Connection;
  readonly #known = new KnownShared();

  private constructor(connection: Connection, tenant: string) {
    this.#connection = connection;
    this.tenant = tenant;
  }

  /**
   * Connects, makes constraints and indexes where they are missing, and marks the graph for the tenant. Rejects with
   * `GRAPH_UNREACHABLE`, and with `GRAPH_OF_ANOTHER_TENANT` where it is marked for another.
   */
  static async open(address: Neo4jAddress, tenant: string): Promise<LineageGraph> {
    const connection = new Connection(address);
    try {
      for (const statement of SCHEMA) await connection.run(statement);
      const marked = await connection.write(async (transaction) => {
        const { records } = await transaction.run(MARK, { tenant });
        return String(records[0]?.get('tenant'));
      });
      if (marked !== tenant) throw graphOfAnother(tenant);
      return new LineageGraph(connection, tenant);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** How ids of the tenant begin, without the slash. */
  get root(): string {
    return subjectToken(this.tenant);
  }

  /** Where the graph stands; undefined where nothing of the partition was written yet. */
  position(partition: number): Promise<JournalPosition | undefined> {
    return this.#connection.read(async (transaction) => {
      const { records } = await transaction.run(POSITION, stored({ partition }));
      const [record] = records;
      if (!record || record.get('digest') === null) return undefined;
      const read = (name: string): unknown => record.get(name);
      return {
        sequence: Number(read('sequence')),
        digest: String(read('digest')),
        epoch: Number(read('epoch')),
      };
    });
  }

  /** Writes all or nothing. Rejects with `GRAPH_POSITION_MOVED`, `GRAPH_OF_ANOTHER_TENANT`, `GRAPH_UNREACHABLE`. */
  async apply({ partition, from, to, graphs }: GraphStep): Promise<Written> {
    this.#expectOwn(graphs);
    const { batch, settle } = batchOf(graphs, this.#known);
    const expected = from?.sequence ?? 0;
    const made = await this.#connection.write(async (transaction) => {
      const { records } = await transaction.run(MOVE, stored({ partition, expected, ...to }));
      if (records.length === 0) throw positionMoved(partition, expected);
      return write(transaction, batch);
    });
    settle();
    const nodes = batch.nodes.reduce((sum, { rows }) => sum + rows.length, 0);
    return { nodes, edges: made, lost: batch.edgeCount - made };
  }

  /** What something came from, or what came of it. Rejects with `LINEAGE_NOT_FOUND`. */
  lineage(id: string, query: LineageQuery): Promise<Lineage> {
    return this.#connection.read((transaction) => readLineage(transaction, this.tenant, id, query));
  }

  /** SHA-256 over every node and edge in canonical form and order; positions are no part of it. // I7 */
  digest(): Promise<GraphDigest> {
    return this.#connection.read(digestOf);
  }

  /** Drops nodes, edges and positions; the mark stays. */
  async clear(): Promise<void> {
    for (const statement of CLEAR) await this.#connection.run(statement);
    this.#known.clear();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #expectOwn(graphs: readonly ProvGraph[]): void {
    for (const { nodes, edges } of graphs) {
      for (const { tenant } of [...nodes, ...edges])
        if (tenant !== this.tenant) throw graphOfAnother(this.tenant);
    }
  }
}

/** Answers how many edges were made. The statements are sent ahead; the server works them off in order. */
async function write(transaction: ManagedTransaction, { nodes, edges, changes }: Batch): Promise<number> {
  const sent = [
    ...nodes.map(({ kind, shared, rows }) => transaction.run(textOf(NODES, kind, shared), { rows })),
    ...edges.map(({ kind, shared, rows }) => transaction.run(textOf(EDGES, kind, shared), { rows })),
    ...(changes.length > 0 ? [transaction.run(CHANGE, { rows: changes })] : []),
  ];
  const results = await Promise.all(sent);
  const ofEdges = results.slice(nodes.length, nodes.length + edges.length);
  return ofEdges.reduce((sum, { records }) => sum + Number(records[0]?.get('made')), 0);
}

function textOf(table: typeof NODES, kind: string, shared: boolean): string {
  const pair = table.get(kind);
  if (!pair) throw new Error(`there is no statement for ${kind}`);
  return shared ? pair.shared : pair.own;
}
