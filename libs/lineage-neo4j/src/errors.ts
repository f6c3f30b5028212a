import { ConflictError, NotFoundError, RefusedError, RetryableError } from '@summit/kernel';

/** A graph that people see in Browser belongs to one tenant. // I8 */
export const graphOfAnother = (tenant: string): RefusedError =>
  new RefusedError(
    'GRAPH_OF_ANOTHER_TENANT',
    `this Neo4j is marked for another tenant than ${tenant}`,
    'Give each tenant a Neo4j of its own; SUMMIT_NEO4J_URL names it.',
  );

export const positionMoved = (partition: number, expected: number): ConflictError =>
  new ConflictError(
    'GRAPH_POSITION_MOVED',
    `the graph of partition ${String(partition)} no longer stands at sequence ${String(expected)}`,
    'Another writer goes on from there; read the position again.',
  );

export const graphUnreachable = (cause: unknown): RetryableError =>
  new RetryableError(
    'GRAPH_UNREACHABLE',
    `Neo4j does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Try again; runs go on meanwhile. summit status shows the server.',
    { cause },
  );

export const lineageNotFound = (id: string): NotFoundError =>
  new NotFoundError(
    'LINEAGE_NOT_FOUND',
    `the graph holds nothing of ${JSON.stringify(id.slice(0, 200))}`,
    'Give the id of a run, an approval, an event or a node; a new one may take a moment to arrive.',
  );
