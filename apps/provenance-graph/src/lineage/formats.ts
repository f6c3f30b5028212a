import { InvalidInputError } from '@summit/kernel';
import { type Direction, type Lineage } from '@summit/lineage-neo4j';
import { toProvJson, toProvJsonld, toProvN, unfold } from '@summit/prov';

/** How a lineage is told. */
export const FORMATS = ['json', 'prov-n', 'prov-json', 'prov-jsonld', 'cypher'] as const;
export type Format = (typeof FORMATS)[number];

/** A lineage as it is sent. */
export interface Told {
  readonly contentType: string;
  readonly body: string;
}

/** `?format=`. Throws `INVALID_QUERY`. */
export function formatOf(text: unknown): Format {
  const found = FORMATS.find((format) => format === (text ?? 'json'));
  if (found) return found;
  throw invalid('format', text, `Give one of ${FORMATS.join(', ')}.`);
}

/** `?direction=`. Throws `INVALID_QUERY`. */
export function directionOf(text: unknown): Direction {
  if (text === undefined || text === 'up') return 'up';
  if (text === 'down') return 'down';
  throw invalid('direction', text, 'Give up (what it came from) or down (what came of it).');
}

const MAX_DEPTH = 100;

/** `?depth=`. Throws `INVALID_QUERY`. */
export function depthOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  const depth = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (depth >= 1 && depth <= MAX_DEPTH) return depth;
  throw invalid('depth', text, `Give a number of edges, 1 to ${String(MAX_DEPTH)}.`);
}

const invalid = (name: string, text: unknown, next: string): InvalidInputError =>
  new InvalidInputError('INVALID_QUERY', `${name} is ${JSON.stringify(String(text).slice(0, 80))}`, next);

/** Writes a lineage in a format. `root`: how the tenant's ids begin. */
export function tell(lineage: Lineage, format: Format, root: string): Told {
  switch (format) {
    case 'json':
      return json(lineage);
    case 'prov-n':
      return { contentType: 'text/provenance-notation; charset=utf-8', body: toProvN(unfold(root, lineage)) };
    case 'prov-json':
      return json(toProvJson(unfold(root, lineage)));
    case 'prov-jsonld':
      return json(toProvJsonld(unfold(root, lineage)), 'application/ld+json');
    case 'cypher':
      return { contentType: 'text/plain; charset=utf-8', body: cypherOf(lineage) };
  }
}

const json = (value: object, type = 'application/json'): Told => ({
  contentType: `${type}; charset=utf-8`,
  body: JSON.stringify(value),
});

/** A question for Neo4j Browser that shows the same: ids are of our own making, and hold no quotes. */
function cypherOf({ nodes }: Lineage): string {
  const ids = nodes.map(({ id }) => `'${id.replace(/[\\']/g, '\\$&')}'`).join(', ');
  return `MATCH (n:Prov) WHERE n.id IN [${ids}]\nOPTIONAL MATCH (n)-[r]->(m:Prov) WHERE m.id IN [${ids}]\nRETURN n, r, m\n`;
}
