import { type Commit, type DecodedCommit } from '@summit/events';
import { canonicalJson, type Json } from '@summit/kernel';
import { GraphIds } from './ids.ts';
import {
  type Caused,
  type Facts,
  type NodeKind,
  type ProvChange,
  type ProvEdge,
  type ProvGraph,
  type ProvNode,
  type Relation,
} from './terms.ts';

/** What stands in the graph for a payload: keyed by the tenant, so that nobody without its key can try contents. */
export type PayloadDigest = (tenant: string, text: string) => string;

/** How a commit is looked at while it is mapped. */
export interface DraftOptions {
  readonly decoded: DecodedCommit;
  readonly digest: PayloadDigest;
}

/** More of a node than its id and kind. */
interface NodeMore {
  readonly facts?: Facts;
  readonly shared?: boolean;
}

/** The graph of one commit while it is made. Each event's nodes and edges name it as their cause. // C4.4 */
export class Draft {
  readonly commit: Commit;
  readonly commitId: string;
  readonly erased: boolean;
  readonly ids: GraphIds;
  readonly #digest: PayloadDigest;
  readonly #nodes = new Map<string, ProvNode>();
  readonly #edges = new Map<string, ProvEdge>();
  readonly #changes: ProvChange[] = [];
  readonly #at: string;
  #event = 0;

  constructor({ decoded, digest }: DraftOptions) {
    this.commit = decoded.commit;
    this.commitId = decoded.id;
    this.erased = decoded.erased;
    this.ids = new GraphIds(decoded.commit.tenant);
    this.#digest = digest;
    this.#at = new Date(decoded.commit.at).toISOString();
  }

  /** From here on the commit's n-th event is the cause. */
  because(n: number): void {
    this.#event = n;
  }

  /** Id of the event that is the cause now. */
  get event(): string {
    return `${this.commitId}.${String(this.#event)}`;
  }

  /** Time of the commit, ISO 8601. */
  get at(): string {
    return this.#at;
  }

  has(id: string): boolean {
    return this.#nodes.has(id);
  }

  /** Adds a node where the commit has none of that id yet; answers the id. */
  node(kind: NodeKind, id: string, { facts = {}, shared = false }: NodeMore = {}): string {
    if (!this.#nodes.has(id)) this.#nodes.set(id, { id, kind, ...this.#cause(), facts, shared });
    return id;
  }

  /** Adds an edge from an effect to its cause, once. */
  edge(from: string, relation: Relation, to: string, { facts = {}, shared = false }: NodeMore = {}): void {
    const key = `${from} ${relation} ${to}`;
    if (!this.#edges.has(key)) {
      this.#edges.set(key, { relation, from, to, ...this.#cause(), facts, shared });
    }
  }

  change(id: string, facts: Facts): void {
    this.#changes.push({ id, facts });
  }

  /** An entity that holds a payload; where the payload's key is gone it is invalidated. */
  payload(kind: NodeKind, id: string, value: Json | undefined, facts: Facts = {}): string {
    this.node(kind, id, { facts: { ...facts, ...this.measure(value) } });
    if (this.erased) this.#invalidate(id);
    return id;
  }

  /** What may be said of a payload: keyed digest, length in bytes and type of its canonical JSON. */
  measure(value: Json | undefined, prefix = ''): Facts {
    if (value === undefined) return this.erased ? { erased: true } : {};
    const text = measuredText(value);
    const name = (word: string): string =>
      prefix === '' ? word : `${prefix}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
    return {
      [name('digest')]: this.#digest(this.commit.tenant, text),
      [name('bytes')]: byteLength(text),
      [name('type')]: value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value,
    };
  }

  graph(): ProvGraph {
    return { nodes: [...this.#nodes.values()], edges: [...this.#edges.values()], changes: this.#changes };
  }

  /** PROV-DM 5.1.8: the entity can no longer be used, since its key was destroyed. */
  #invalidate(id: string): void {
    const { key } = this.commit;
    const erasure = this.node('Erasure', this.ids.erasure(key), { facts: { name: 'erasure' }, shared: true });
    this.edge(id, 'WAS_INVALIDATED_BY', erasure);
  }

  #cause(): Caused {
    return { tenant: this.commit.tenant, event: this.event, at: this.#at };
  }
}

const encoder = new TextEncoder();
const byteLength = (text: string): number => encoder.encode(text).length;

/**
 * What is measured of a payload: its canonical JSON, and where it has none (half a surrogate pair, hundreds of levels,
 * both of which a journal may hold) its text as it is, the same at every rebuild.
 */
function measuredText(value: Json): string {
  try {
    return canonicalJson(value);
  } catch {
    return JSON.stringify(value);
  }
}
