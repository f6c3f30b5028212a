import { type AnyEvent, type Basis, type Commit } from '@summit/events';
import { policyEngineOf } from './agents.ts';
import { type Draft } from './draft.ts';
import { type Facts } from './terms.ts';

/**
 * What an allow entitles without a node of its own: it stands as facts on the activity or entity that it let be.
 * That keeps a plain step at two nodes and two edges.
 */
const FOLDED: ReadonlySet<AnyEvent['type']> = new Set<AnyEvent['type']>([
  'StepProposed',
  'PermitGranted',
  'StepCompleted',
  'PureComputed',
  'StatePatched',
  'SignalReceived',
  'RunPaused',
  'RunResumed',
  'RunCancelRequested',
  'RunCompleted',
  'ToolRegistered',
  'WorkflowRegistered',
  'ThreadCreated',
]);

/** Which of a commit's decisions stand as facts only. Every other one has nodes: no decision is left out. */
export function foldedDecisions({ decisions, events }: Commit): ReadonlySet<number> {
  const plain = decisions.flatMap(({ verdict }, i) => {
    const entitled = events.filter(({ basis }) => basis === i);
    const folds =
      verdict === 'allow' && entitled.length > 0 && entitled.every(({ type }) => FOLDED.has(type));
    return folds ? [i] : [];
  });
  return new Set(plain);
}

/** A decision as facts of what it let be; none where the basis is a fact of the runtime. */
export function decidedBy({ commit, commitId, ids }: Draft, basis: Basis): Facts {
  const decision = typeof basis === 'number' ? commit.decisions[basis] : undefined;
  if (!decision || typeof basis !== 'number') return {};
  const { verdict, policy } = decision;
  return { verdict, decision: ids.decision(commitId, basis), policy: ids.policy(policy) };
}

/**
 * A decision with nodes of its own: what was decided, the deciding behind it, by which policy, about which activity
 * and which entity. Answers the decision's id.
 */
export function decisionNode(
  draft: Draft,
  index: number,
  about: { readonly activity?: string | undefined; readonly entity?: string | undefined },
): string | undefined {
  const decision = draft.commit.decisions[index];
  if (!decision) return undefined;
  const { ids, commitId } = draft;
  const { verdict, entry, policy } = decision;
  const id = draft.node('Decision', ids.decision(commitId, index), {
    facts: { name: verdict, verdict, entry },
  });
  const making = draft.node('Deciding', ids.deciding(commitId, index), { facts: { name: 'deciding' } });
  draft.edge(id, 'WAS_GENERATED_BY', making);
  draft.edge(making, 'WAS_ASSOCIATED_WITH', policyEngineOf(draft));
  draft.edge(making, 'USED', policyNode(draft, policy));
  if (about.activity !== undefined) draft.edge(making, 'WAS_INFORMED_BY', about.activity);
  if (about.entity !== undefined) draft.edge(making, 'USED', about.entity);
  return id;
}

function policyNode(draft: Draft, digest: string): string {
  const facts = { name: `policy ${digest.slice(0, 8)}`, policy: digest };
  return draft.node('Policy', draft.ids.policy(digest), { facts, shared: true });
}
