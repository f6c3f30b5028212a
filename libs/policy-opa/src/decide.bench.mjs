/**
 * What a decision costs: the engine, against the wasm alone.
 *
 *   node libs/policy-opa/src/decide.bench.mjs
 *
 * Prints JSON: microseconds a decision, p50 and p99, alone and in batches, with the release's policy as it is and
 * with 100 rules in the tenant's data.
 */
import { canonicalJson, sha256 } from '@summit/kernel';
import { openBundle, opaPolicyEngine, releasePolicies, withData } from '@summit/policy-opa';
import { PolicyInstance } from './instance.ts';

const ENTRY = 'summit/action/decision';
const DECISIONS = 20_000;
const ROUNDS = 3;

const digest = 'a'.repeat(64);
const input = canonicalJson({
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

const percentile = (sorted, p) => Number(sorted[Math.floor(sorted.length * p)].toFixed(1));

/** Of the median round. */
function measure(batch, decide) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const took = [];
    for (let i = 0; i < DECISIONS / batch; i++) {
      const began = performance.now();
      decide();
      took.push(((performance.now() - began) * 1000) / batch);
    }
    took.sort((a, b) => a - b);
    return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
  });
  return rounds.sort((a, b) => a.p50 - b.p50)[Math.floor(ROUNDS / 2)];
}

const { root, development } = await releasePolicies();
const approvals = Array.from({ length: 100 }, (_, i) => ({
  tool: `tool-${i}`,
  argument: '/amount',
  above: i,
}));
const ruled = withData(development.bytes, { tenant: { approvals } });
const engine = opaPolicyEngine({ root, fallback: development });
engine.activate('ruled', await openBundle(ruled, { pinned: sha256(ruled) }));

const figures = {};
for (const tenant of ['plain', 'ruled']) {
  for (const batch of [1, 5, 50]) {
    const requests = Array.from({ length: batch }, () => ({ tenant, entry: ENTRY, input }));
    for (let i = 0; i < 2000; i++) engine.decide(requests);
    figures[`${tenant}, batch of ${batch}`] = measure(batch, () => engine.decide(requests));
  }
  const data = tenant === 'plain' ? {} : { approvals };
  const bytes = new TextEncoder().encode(JSON.stringify({ tenant: data }));
  const instance = new PolicyInstance(development.module, bytes);
  const entry = development.entries.get(ENTRY);
  const alone = () => JSON.parse(Buffer.from(instance.evaluate(entry, Buffer.from(input))).toString());
  for (let i = 0; i < 5000; i++) alone();
  figures[`${tenant}, wasm alone`] = measure(1, alone);
}
process.stdout.write(`${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
