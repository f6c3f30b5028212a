/**
 * From the graph as it is stored to a PROV document in full: what stands as facts on a node (an allow, arguments, the
 * executor of an attempt) becomes statements of its own. Pure; the same graph gives the same document.
 */
import { type Attributes, type AttributeValue, type ProvDocument } from './document.ts';
import { DocumentDraft, type Times } from './document-draft.ts';
import { classOf, type Facts, type ProvEdge, type ProvNode } from './terms.ts';

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

class Unfolding {
  readonly #tenant: string;
  readonly #nodes: ReadonlyMap<string, ProvNode>;
  readonly #edges: readonly ProvEdge[];
  readonly #draft: DocumentDraft;
  /** When each activity last brought something. */
  readonly #ends = new Map<string, string>();

  constructor(tenant: string, nodes: readonly ProvNode[], edges: readonly ProvEdge[]) {
    this.#tenant = tenant;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#edges = edges;
    this.#draft = new DocumentDraft(tenant, this.#nodes);
    for (const { relation, to, at } of edges) {
      if (relation === 'WAS_GENERATED_BY' && at > (this.#ends.get(to) ?? '')) this.#ends.set(to, at);
    }
  }

  document(): ProvDocument {
    return this.#draft.document();
  }

  node(node: ProvNode): void {
    const { kind, facts, id } = node;
    this.#draft.element(kind, id, this.#timesOf(node), [
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
    this.#draft.relation(relation, [from, to], edge, {
      ...(timed && { time: at }),
      ...(typeof plan === 'string' && { plan: this.#draft.name(plan) }),
      attributes: relationAttributes(facts),
    });
    if (relation === 'WAS_ASSOCIATED_WITH' && facts['role'] === 'executor') this.#delegation(edge);
  }

  /** An executor runs a run on behalf of whoever asked for it. */
  #delegation({ from, to, event, at }: ProvEdge): void {
    for (const other of this.#edges) {
      if (other.from !== from || other.facts['role'] !== 'requester') continue;
      this.#draft.relation(
        'ACTED_ON_BEHALF_OF',
        [to, other.to],
        { event, at },
        { activity: this.#draft.name(from) },
      );
    }
  }

  /** An attempt's executor, the tool as its plan, and its arguments, which the run made. */
  #attempt({ id, facts, event, at }: ProvNode): void {
    const { executor, tool, run, argsDigest, argsBytes, argsType } = facts;
    const cause = { event, at };
    if (typeof executor === 'string') {
      this.#draft.bare('Executor', executor, cause);
      const plan = typeof tool === 'string' ? { plan: this.#draft.name(`${this.#tenant}/tool/${tool}`) } : {};
      this.#draft.relation('WAS_ASSOCIATED_WITH', [id, executor], cause, plan);
    }
    if (argsDigest === undefined || argsBytes === undefined || argsType === undefined) return;
    const args = `${id}/arguments`;
    const said = factAttributes({ digest: argsDigest, bytes: argsBytes, type: argsType });
    this.#draft.element('Arguments', args, {}, [...said, ['summit:event', event]]);
    this.#draft.relation('USED', [id, args], cause, { time: at });
    if (typeof run === 'string') this.#draft.relation('WAS_GENERATED_BY', [args, run], cause, { time: at });
  }

  /** What a step brought went to its run's coroutine. */
  #usedByRun({ id, facts, event, at }: ProvNode): void {
    const { run } = facts;
    if (typeof run !== 'string' || facts['step'] === undefined) return;
    this.#draft.relation('USED', [run, id], { event, at }, { time: at });
  }

  /** A decision that stood as facts on what it let be. */
  #allow({ kind, id, facts, event, at }: ProvNode, decision: string): void {
    const { policy, verdict = 'allow', run } = facts;
    const cause = { event, at };
    const making = `${decision}/making`;
    const engine = `${this.#tenant}/policy-engine`;
    this.#draft.bare('Decision', decision, cause, [['summit:outcome', verdict]]);
    this.#draft.element('Deciding', making, { startTime: at, endTime: at }, [['summit:event', event]]);
    this.#draft.bare('PolicyEngine', engine, cause);
    this.#draft.relation('WAS_GENERATED_BY', [decision, making], cause, { time: at });
    this.#draft.relation('WAS_ASSOCIATED_WITH', [making, engine], cause);
    if (typeof policy === 'string') {
      this.#draft.bare('Policy', policy, cause);
      this.#draft.relation('USED', [making, policy], cause, { time: at });
    }
    const user = classOf(kind) === 'Activity' ? id : run;
    if (typeof user === 'string') this.#draft.relation('USED', [user, decision], cause, { time: at });
  }

  #timesOf({ id, kind, at, facts }: ProvNode): Times {
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
