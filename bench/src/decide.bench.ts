/**
 * What a decision costs: the engine, against the wasm alone.
 *
 *   node bench/src/decide.bench.ts
 *
 * Prints JSON: microseconds a decision, p50 and p99, alone and in batches, with the release's policy as it is and
 * with 100 rules in the tenant's data.
 */
import { Evaluator, releasePolicies } from '@summit/policy-opa';
import { type Cost, costOf, ENTRY, measuredEngine, policies, question, rules } from './figures/decision.ts';

const engine = await measuredEngine();
const { development } = await releasePolicies();
const entry = development.entries.get(ENTRY) ?? -1;
const figures: Record<string, Cost> = {};
for (const { tenant } of policies) {
  for (const batch of [1, 5, 50]) {
    const requests = Array.from({ length: batch }, () => ({ tenant, entry: ENTRY, input: question }));
    figures[`${tenant}, batch of ${batch}`] = costOf(() => engine.decide(requests), batch);
  }
  const data = { tenant: tenant === 'plain' ? {} : { approvals: rules } };
  const source = { module: development.module, data: new TextEncoder().encode(JSON.stringify(data)) };
  const evaluator = new Evaluator();
  figures[`${tenant}, wasm alone`] = costOf(() => evaluator.evaluate(source, entry, question));
}
const short = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toFixed(1)) : value;
process.stdout.write(`${JSON.stringify({ node: process.version, figures }, short, 2)}\n`);
