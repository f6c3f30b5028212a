import { type Commit } from '@summit/events';
import { assertNever } from '@summit/kernel';
import { type Draft } from './draft.ts';

/** Digits of a surrogate that people are shown. */
const SHORT = 8;

/** The agent behind a commit, on behalf of the tenant's organisation. Shared by all commits of its. */
export function actorOf(draft: Draft): string {
  return agentOf(draft, draft.commit.actor);
}

export function executorOf(draft: Draft, id: string): string {
  return agentOf(draft, { kind: 'executor', id });
}

function agentOf(draft: Draft, { kind, id }: Commit['actor']): string {
  const { ids } = draft;
  switch (kind) {
    case 'user':
      return onBehalf(
        draft,
        draft.node('User', ids.agent(kind, id), {
          facts: { name: `user ${id.slice(0, SHORT)}` },
          shared: true,
        }),
      );
    case 'executor':
      return onBehalf(
        draft,
        draft.node('Executor', ids.agent(kind, id), { facts: { name: id }, shared: true }),
      );
    case 'leader':
      return onBehalf(
        draft,
        draft.node('Leader', ids.agent(kind, id), { facts: { name: id }, shared: true }),
      );
    default:
      return assertNever(kind);
  }
}

/** The policy engine, on behalf of whose policy it decides by. */
export function policyEngineOf(draft: Draft): string {
  const facts = { name: 'policy engine' };
  return onBehalf(draft, draft.node('PolicyEngine', draft.ids.policyEngine(), { facts, shared: true }));
}

function onBehalf(draft: Draft, agent: string): string {
  const facts = { name: draft.commit.tenant };
  const organisation = draft.node('Organisation', draft.ids.organisation(), { facts, shared: true });
  draft.edge(agent, 'ACTED_ON_BEHALF_OF', organisation, { shared: true });
  return agent;
}
