/** What a decision costs in the leader's thread: the release's policy as it is, and with 100 rules of a tenant. */
import { canonicalJson, sha256 } from '@summit/kernel';
import {
  openBundle,
  type OpaPolicyEngine,
  opaPolicyEngine,
  releasePolicies,
  withData,
} from '@summit/policy-opa';
import { median, percentile } from '../closed-loop.ts';
import type { Figure } from '../report.ts';

export const ENTRY = 'summit/action/decision';
const WARM_UP = 2_000;
const DECISIONS = 20_000;
const ROUNDS = 3;

const digest = 'a'.repeat(64);
/** A call of a tool, 580 bytes. */
export const question = canonicalJson({
  v: 1,
  tenant: 'acme',
  now: 1_790_000_000_000,
  actor: { kind: 'executor', id: 'executor-1', roles: [] },
  thread: { id: 't1' },
  run: { id: 'r1', workflow: 'w', version: '1', startedBy: 'alice', steps: 3, attempts: 4 },
  action: {
    kind: 'tool',
    name: 'search',
    effect: 'idempotent',
    tool: digest,
    registered: true,
    sensitive: false,
    args: { q: 'hello world '.repeat(8) },
    attempt: 1,
    actionHash: digest,
  },
});

/** The policies that are measured, by the tenants that have them; what they cost is told of each. */
export const policies = [
  { tenant: 'plain', about: 'policy of the release' },
  { tenant: 'ruled', about: 'policy of the release, 100 rules of a tenant' },
] as const;

export const rules = Array.from({ length: 100 }, (_, i) => ({
  tool: `tool-${i}`,
  argument: '/amount',
  above: i,
}));

/** Decides for the tenants of {@link policies}. */
export async function measuredEngine(): Promise<OpaPolicyEngine> {
  const { root, development } = await releasePolicies();
  const engine = opaPolicyEngine({ root, fallback: development });
  const ruled = withData(development.bytes, { tenant: { approvals: rules } });
  engine.activate('ruled', await openBundle(ruled, { pinned: sha256(ruled) }));
  return engine;
}

/** Microseconds; of the rounds the medians. */
export interface Cost {
  readonly p50: number;
  readonly p99: number;
}

/** What each of `batch` decisions costs that are made by one call; made so often that it is compiled. */
export function costOf(decide: () => unknown, batch = 1): Cost {
  for (let i = 0; i < WARM_UP; i++) decide();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const took = Array.from({ length: DECISIONS / batch }, () => {
      const began = performance.now();
      decide();
      return ((performance.now() - began) * 1_000) / batch;
    });
    return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
  });
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}

export async function decisionFigures(): Promise<Figure[]> {
  const engine = await measuredEngine();
  return policies.map(({ tenant, about }): Figure => {
    const cost = costOf(() => engine.decide([{ tenant, entry: ENTRY, input: question }]));
    const setting = `in the leader's thread, ${about}`;
    const durability = 'nothing is written';
    return {
      id: 'decision_us',
      subject: 'summit',
      setting,
      durability,
      unit: 'µs',
      value: cost.p50,
      ...cost,
    };
  });
}
