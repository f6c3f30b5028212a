/**
 * The words of the graph: W3C PROV-DM's own for classes and relations, ours for what kinds of them there are.
 * https://www.w3.org/TR/prov-dm/
 */

/** PROV-DM 5.1–5.3. */
export type ProvClass = 'Entity' | 'Activity' | 'Agent';

/** Every kind of node: its class in PROV, and the type that PROV itself has for it, where it has one. */
export const KINDS = {
  Run: { class: 'Activity' },
  Attempt: { class: 'Activity' },
  Wait: { class: 'Activity' },
  PureSteps: { class: 'Activity' },
  Deciding: { class: 'Activity' },
  Approving: { class: 'Activity' },
  Command: { class: 'Activity' },
  Erasure: { class: 'Activity' },
  Input: { class: 'Entity' },
  Arguments: { class: 'Entity' },
  Proposal: { class: 'Entity' },
  Decision: { class: 'Entity' },
  Approval: { class: 'Entity' },
  Result: { class: 'Entity' },
  Failure: { class: 'Entity' },
  Doubt: { class: 'Entity' },
  Output: { class: 'Entity' },
  State: { class: 'Entity' },
  Signal: { class: 'Entity' },
  Message: { class: 'Entity' },
  Policy: { class: 'Entity' },
  Workflow: { class: 'Entity', type: 'Plan' },
  Tool: { class: 'Entity', type: 'Plan' },
  User: { class: 'Agent', type: 'Person' },
  Executor: { class: 'Agent', type: 'SoftwareAgent' },
  Leader: { class: 'Agent', type: 'SoftwareAgent' },
  PolicyEngine: { class: 'Agent', type: 'SoftwareAgent' },
  Organisation: { class: 'Agent', type: 'Organization' },
} as const satisfies Record<string, { class: ProvClass; type?: string }>;

export type NodeKind = keyof typeof KINDS;

/** The names of a table of terms, as its own type has them. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(table).filter((name): name is Name => name in table);
}

/** The class of a kind. */
export const classOf = (kind: NodeKind): ProvClass => KINDS[kind].class;

/** The type that PROV has for a kind: `Plan`, `Person`…; undefined where it has none. */
export function provTypeOf(kind: NodeKind): string | undefined {
  const known = KINDS[kind];
  return 'type' in known ? known.type : undefined;
}

/** Every relation, from effect to cause: what its ends are, and how PROV-N and PROV-JSONLD call it. */
export const RELATIONS = {
  USED: { from: 'Activity', to: 'Entity', provn: 'used', jsonld: 'Usage' },
  WAS_GENERATED_BY: { from: 'Entity', to: 'Activity', provn: 'wasGeneratedBy', jsonld: 'Generation' },
  WAS_INVALIDATED_BY: { from: 'Entity', to: 'Activity', provn: 'wasInvalidatedBy', jsonld: 'Invalidation' },
  WAS_INFORMED_BY: { from: 'Activity', to: 'Activity', provn: 'wasInformedBy', jsonld: 'Communication' },
  WAS_DERIVED_FROM: { from: 'Entity', to: 'Entity', provn: 'wasDerivedFrom', jsonld: 'Derivation' },
  WAS_ATTRIBUTED_TO: { from: 'Entity', to: 'Agent', provn: 'wasAttributedTo', jsonld: 'Attribution' },
  WAS_ASSOCIATED_WITH: { from: 'Activity', to: 'Agent', provn: 'wasAssociatedWith', jsonld: 'Association' },
  ACTED_ON_BEHALF_OF: { from: 'Agent', to: 'Agent', provn: 'actedOnBehalfOf', jsonld: 'Delegation' },
  /** The plan of an association, as an edge of its own: Neo4j has none from an edge. */
  HAD_PLAN: { from: 'Activity', to: 'Entity', provn: undefined, jsonld: undefined },
} as const satisfies Record<string, { from: ProvClass; to: ProvClass; provn: unknown; jsonld: unknown }>;

export type Relation = keyof typeof RELATIONS;

/** What a property of a node or an edge may hold. */
export type Fact = string | number | boolean;

/** Properties besides those that every node and edge has. */
export type Facts = Readonly<Record<string, Fact>>;

/** What every node and edge says of where it comes from. [C4.4] */
export interface Caused {
  readonly tenant: string;
  /** Id of the event that caused it. */
  readonly event: string;
  /** Time of that event's commit, ISO 8601 in UTC. */
  readonly at: string;
}

/** A node of the graph. */
export interface ProvNode extends Caused {
  /** `<tenant>/<kind of thing>/…`: one name in the whole deployment. // I8 */
  readonly id: string;
  readonly kind: NodeKind;
  readonly facts: Facts;
  /** Many commits bring it, perhaps of several partitions: the earliest counts as its cause. */
  readonly shared: boolean;
}

/** An edge, from effect to cause. */
export interface ProvEdge extends Caused {
  readonly relation: Relation;
  readonly from: string;
  readonly to: string;
  readonly facts: Facts;
  /** Both ends are; there is one such edge between them, and the earliest event counts as its cause. */
  readonly shared: boolean;
}

/** Facts that a later event adds to a node. */
export interface ProvChange {
  readonly id: string;
  readonly facts: Facts;
}

/** Nodes and edges; `changes` come after both. */
export interface ProvGraph {
  readonly nodes: readonly ProvNode[];
  readonly edges: readonly ProvEdge[];
  readonly changes: readonly ProvChange[];
}
