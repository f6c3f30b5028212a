/**
 * A PROV document as it is gathered: each element and each relation once, whoever tells it first. What the graph holds
 * as a node is declared by that node alone.
 */
import {
  ARGUMENTS,
  type Attributes,
  type ElementStatement,
  type ProvDocument,
  type ProvRelation,
  type RelationStatement,
} from './document.ts';
import { classOf, type NodeKind, type ProvNode, provTypeOf } from './terms.ts';

const NAMESPACE = 'urn:summit:ns:';

/** The event that made something known, and when. */
type Cause = Pick<ProvNode, 'event' | 'at'>;

/** When something began and ended. */
export interface Times {
  readonly startTime?: string;
  readonly endTime?: string;
}

/** What some relations say besides their ends. */
interface RelationMore {
  readonly attributes?: Attributes;
  readonly time?: string;
  readonly plan?: string;
  readonly activity?: string;
}

export class DocumentDraft {
  readonly #tenant: string;
  readonly #nodes: ReadonlyMap<string, ProvNode>;
  readonly #elements = new Map<string, ElementStatement>();
  readonly #relations = new Map<string, RelationStatement>();

  /** `nodes`: what is declared as it is. */
  constructor(tenant: string, nodes: ReadonlyMap<string, ProvNode>) {
    this.#tenant = tenant;
    this.#nodes = nodes;
  }

  document(): ProvDocument {
    return {
      prefixes: { t: `urn:summit:${this.#tenant}:`, summit: NAMESPACE },
      elements: [...this.#elements.values()],
      relations: [...this.#relations.values()],
    };
  }

  /** `acme/run/…` as `t:run/…`. */
  name(id: string): string {
    return `t:${id.slice(this.#tenant.length + 1)}`;
  }

  /** A node that the graph holds elsewhere, or that stands as facts: declared once. */
  bare(kind: NodeKind, id: string, { event }: Cause, attributes: Attributes = []): void {
    if (this.#nodes.has(id) || this.#elements.has(id)) return;
    this.element(kind, id, {}, [...attributes, ['summit:event', event]]);
  }

  element(kind: NodeKind, id: string, times: Times, attributes: Attributes): void {
    if (this.#elements.has(id)) return;
    const type = provTypeOf(kind);
    const element = ({ Entity: 'entity', Activity: 'activity', Agent: 'agent' } as const)[classOf(kind)];
    const types: Attributes = [
      ['prov:type', { qname: `summit:${kind}` }],
      ...(type === undefined ? [] : [['prov:type', { qname: `prov:${type}` }] as const]),
    ];
    this.#elements.set(id, { element, id: this.name(id), ...times, attributes: [...types, ...attributes] });
  }

  relation(
    relation: ProvRelation,
    [from, to]: readonly [string, string],
    { event }: Cause,
    { attributes = [], ...more }: RelationMore = {},
  ): void {
    const key = `${relation} ${from} ${to} ${more.activity ?? ''}`;
    if (this.#relations.has(key)) return;
    const [first, second] = ARGUMENTS[relation];
    const ends = { [first]: this.name(from), [second]: this.name(to) };
    const statement = { relation, arguments: { ...ends, ...more } };
    this.#relations.set(key, { ...statement, attributes: [...attributes, ['summit:event', event]] });
  }
}
