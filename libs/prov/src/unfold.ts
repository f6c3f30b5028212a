/**
 * From the graph as it is stored to a PROV document in full: what stands as facts on a node (an allow, arguments, the
 * executor of an attempt) becomes statements of its own. Pure; the same graph gives the same document.
 */
import {
  ARGUMENTS,
  type Attributes,
  type AttributeValue,
  type ElementStatement,
  type ProvDocument,
  type RelationStatement,
  type ProvRelation,
} from './document.ts';
import { classOf, type Facts, type NodeKind, type ProvEdge, type ProvNode, provTypeOf } from './terms.ts';

const NAMESPACE = 'urn:summit:ns:';
/** Facts that a document tells by statements. */
const TOLD: ReadonlySet<string> = new Set([
  ...['name', 'executor', 'decision', 'policy', 'verdict', 'workflow', 'plan', 'role', 'ended', 'run'],
  ...['argsDigest', 'argsBytes', 'argsType'],
]);

/** Writes the document of a part of one tenant's graph. Nodes that edges name and `nodes` lack stay bare names. */
export function unfold(
  tenantToken: string,
  { nodes, edges }: { readonly nodes: readonly ProvNode[]; readonly edges: readonly ProvEdge[] },
): ProvDocument {
  const unfolding = new Unfolding(tenantToken, nodes, edges);
  for (const node of nodes) unfolding.node(node);
  for (const edge of edges) unfolding.edge(edge);
  return unfolding.document();
}

type Cause = Pick<ProvNode, 'event' | 'at'>;

class Unfolding {
  readonly #tenant: string;
  readonly #nodes: ReadonlyMap<string, ProvNode>;
  readonly #edges: readonly ProvEdge[];
  readonly #elements = new Map<string, ElementStatement>();
  readonly #relations = new Map<string, RelationStatement>();
  /** When each activity last brought something. */
  readonly #ends = new Map<string, string>();

  constructor(tenant: string, nodes: readonly ProvNode[], edges: readonly ProvEdge[]) {
    this.#tenant = tenant;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#edges = edges;
    for (const { relation, to, at } of edges) {
      if (relation === 'WAS_GENERATED_BY' && at > (this.#ends.get(to) ?? '')) this.#ends.set(to, at);
    }
  }

  document(): ProvDocument {
    return {
      prefixes: { t: `urn:summit:${this.#tenant}:`, summit: NAMESPACE },
      elements: [...this.#elements.values()],
      relations: [...this.#relations.values()],
    };
  }

  node(node: ProvNode): void {
    const { kind, facts, id } = node;
    this.#element(kind, id, this.#timesOf(node), [
      ...factAttributes(kind === 'Decision' ? { ...facts, outcome: facts['verdict'] ?? '' } : facts),
      ['summit:event', node.event],
    ]);
    if (kind === 'Attempt') this.#attempt(node);
    if (kind === 'Result' || kind === 'Failure') this.#usedByRun(node);
    if (typeof facts['decision'] === 'string') this.#allow(node, facts['decision']);
  }

  edge(edge: ProvEdge): void {
    const { relation, from, to, facts, at } = edge;
    if (relation === 'HAD_PLAN') return;
    const timed = relation === 'USED' || relation === 'WAS_GENERATED_BY';
    const plan = facts['role'] === 'executor' ? this.#nodes.get(from)?.facts['workflow'] : undefined;
    this.#relation(relation, [from, to], edge, {
      ...(timed && { time: at }),
      ...(typeof plan === 'string' && { plan: this.#name(plan) }),
      attributes: relationAttributes(facts),
    });
    if (relation === 'WAS_ASSOCIATED_WITH' && facts['role'] === 'executor') this.#delegation(edge);
  }

  /** An executor runs a run on behalf of whoever asked for it. */
  #delegation({ from, to, event, at }: ProvEdge): void {
    for (const other of this.#edges) {
      if (other.from !== from || other.facts['role'] !== 'requester') continue;
      this.#relation('ACTED_ON_BEHALF_OF', [to, other.to], { event, at }, { activity: this.#name(from) });
    }
  }

  /** An attempt's executor, the tool as its plan, and its arguments, which the run made. */
  #attempt({ id, facts, event, at }: ProvNode): void {
    const { executor, tool, run, argsDigest, argsBytes, argsType } = facts;
    const cause = { event, at };
    if (typeof executor === 'string') {
      this.#bare('Executor', executor, cause);
      const plan = typeof tool === 'string' ? { plan: this.#name(`${this.#tenant}/tool/${tool}`) } : {};
      this.#relation('WAS_ASSOCIATED_WITH', [id, executor], cause, plan);
    }
    if (argsDigest === undefined || argsBytes === undefined || argsType === undefined) return;
    const args = `${id}/arguments`;
    const said = factAttributes({ digest: argsDigest, bytes: argsBytes, type: argsType });
    this.#element('Arguments', args, {}, [...said, ['summit:event', event]]);
    this.#relation('USED', [id, args], cause, { time: at });
    if (typeof run === 'string') this.#relation('WAS_GENERATED_BY', [args, run], cause, { time: at });
  }

  /** What a step brought went to its run's coroutine. */
  #usedByRun({ id, facts, event, at }: ProvNode): void {
    const { run } = facts;
    if (typeof run !== 'string' || facts['step'] === undefined) return;
    this.#relation('USED', [run, id], { event, at }, { time: at });
  }

  /** A decision that stood as facts on what it let be. */
  #allow({ kind, id, facts, event, at }: ProvNode, decision: string): void {
    const { policy, verdict = 'allow', run } = facts;
    const cause = { event, at };
    const making = `${decision}/making`;
    const engine = `${this.#tenant}/policy-engine`;
    this.#bare('Decision', decision, cause, [['summit:outcome', verdict]]);
    this.#element('Deciding', making, { startTime: at, endTime: at }, [['summit:event', event]]);
    this.#bare('PolicyEngine', engine, cause);
    this.#relation('WAS_GENERATED_BY', [decision, making], cause, { time: at });
    this.#relation('WAS_ASSOCIATED_WITH', [making, engine], cause);
    if (typeof policy === 'string') {
      this.#bare('Policy', policy, cause);
      this.#relation('USED', [making, policy], cause, { time: at });
    }
    const user = classOf(kind) === 'Activity' ? id : run;
    if (typeof user === 'string') this.#relation('USED', [user, decision], cause, { time: at });
  }

  #timesOf({ id, kind, at, facts }: ProvNode): { startTime?: string; endTime?: string } {
    switch (kind) {
      case 'Run':
        return { startTime: at, ...(typeof facts['ended'] === 'string' && { endTime: facts['ended'] }) };
      case 'Attempt':
      case 'Wait': {
        const end = this.#ends.get(id);
        return { startTime: at, ...(end !== undefined && { endTime: end }) };
      }
      case 'PureSteps':
      case 'Deciding':
      case 'Command':
      case 'Approving':
        return { startTime: at, endTime: at };
      default:
        return {}; // entities and agents have none; of an erasure nobody recorded when it was
    }
  }

  /** A node that the graph holds elsewhere, or that stands as facts: declared once. */
  #bare(kind: NodeKind, id: string, { event }: Cause, attributes: Attributes = []): void {
    if (this.#nodes.has(id) || this.#elements.has(id)) return;
    this.#element(kind, id, {}, [...attributes, ['summit:event', event]]);
  }

  #element(
    kind: NodeKind,
    id: string,
    times: { readonly startTime?: string; readonly endTime?: string },
    attributes: Attributes,
  ): void {
    if (this.#elements.has(id)) return;
    const type = provTypeOf(kind);
    const element = ({ Entity: 'entity', Activity: 'activity', Agent: 'agent' } as const)[classOf(kind)];
    const types: Attributes = [
      ['prov:type', { qname: `summit:${kind}` }],
      ...(type === undefined ? [] : [['prov:type', { qname: `prov:${type}` }] as const]),
    ];
    this.#elements.set(id, { element, id: this.#name(id), ...times, attributes: [...types, ...attributes] });
  }

  #relation(
    relation: ProvRelation,
    [from, to]: readonly [string, string],
    { event }: Cause,
    {
      attributes = [],
      ...more
    }: { attributes?: Attributes; time?: string; plan?: string; activity?: string } = {},
  ): void {
    const key = `${relation} ${from} ${to} ${more.activity ?? ''}`;
    if (this.#relations.has(key)) return;
    const [first, second] = ARGUMENTS[relation];
    const ends = { [first]: this.#name(from), [second]: this.#name(to) };
    const statement = { relation, arguments: { ...ends, ...more } };
    this.#relations.set(key, { ...statement, attributes: [...attributes, ['summit:event', event]] });
  }

  /** `acme/run/…` as `t:run/…`. */
  #name(id: string): string {
    return `t:${id.slice(this.#tenant.length + 1)}`;
  }
}

function factAttributes(facts: Facts): Attributes {
  const label = facts['name'];
  const rest = Object.entries(facts)
    .filter(([name]) => !TOLD.has(name))
    .map(([name, value]): [string, AttributeValue] => [`summit:${name}`, value]);
  return [...(label === undefined ? [] : [['prov:label', label] as const]), ...rest];
}

function relationAttributes(facts: Facts): Attributes {
  const { role, type } = facts;
  return [
    ...(role === undefined ? [] : [['prov:role', role] as const]),
    ...(type === undefined ? [] : [['prov:type', { qname: `prov:${String(type)}` }] as const]),
  ];
}
