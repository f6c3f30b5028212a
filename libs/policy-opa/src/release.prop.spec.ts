import { beforeAll, describe, expect, it } from '@jest/globals';
import { policyInputSchema } from '@summit/policy';
import { type Bundle } from './bundle.ts';
import { releasePolicies, type ReleasePolicies } from './defaults.ts';
import { PolicyInstance } from './instance.ts';
import { policyCases, type PolicyCase } from './release.fixture.ts';

const encoder = new TextEncoder();
const cases = policyCases(new URL('../../../policies/', import.meta.url));

/** How much a verdict permits. */
const rank: Readonly<Record<string, number>> = { deny: 0, require_approval: 1, transform: 2, allow: 3 };

let release: ReleasePolicies;
beforeAll(async () => {
  release = await releasePolicies();
});

/** Evaluates the release's wasm, with a tenant's data, in this thread. */
function evaluator(area: string, tenant: unknown): (input: unknown) => { verdict: string } {
  const bundle: Bundle = area === 'root' ? release.root : release.development;
  const instance = new PolicyInstance(bundle.module, encoder.encode(JSON.stringify({ tenant })));
  const entry = bundle.entries.get(`summit/${area}/decision`) ?? -1;
  return (input) => {
    const [only] = JSON.parse(instance.evaluate(entry, JSON.stringify(input)) ?? '') as {
      result: { verdict: string };
    }[];
    return only?.result ?? { verdict: 'deny' };
  };
}

const others: readonly unknown[] = [null, true, false, 0, 7, 2e12, '', 'x', [], ['x'], {}, { x: 1 }];
const typeOf = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** The value with one part at a time deleted (members of objects) or of another type. */
function* mutants(value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const put = (changed: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    if (!Array.isArray(value))
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const other of others) if (typeOf(other) !== typeOf(member)) yield put(other);
    yield put(typeof member === 'string' ? [member] : JSON.stringify(member));
    for (const deeper of mutants(member)) yield put(deeper);
  }
}

const wellFormed = ({ input }: PolicyCase): boolean => policyInputSchema.safeParse(input).success;

describe("the release's policies", () => {
  it.each(cases)('[C5.1] as wasm: $area: $title', ({ area, tenant, input, verdict }) => {
    expect(evaluator(area, tenant)(input).verdict).toBe(verdict);
  });

  it.each(cases.filter(({ verdict }) => verdict !== 'deny'))(
    '[C5.1] whatever is permitted is a question of the schema: $area: $title',
    ({ input }) => {
      const { success, error } = policyInputSchema.safeParse(input);
      expect(error?.issues).toBeUndefined();
      expect(success).toBe(true);
    },
  );

  it.each(cases.filter(wellFormed))(
    '[C5.1] no field deleted or retyped permits more: $area: $title',
    ({ area, tenant, input, verdict }) => {
      const evaluate = evaluator(area, tenant);
      let count = 0;
      for (const mutant of mutants(input)) {
        count++;
        const { verdict: changed } = evaluate(mutant);
        if ((rank[changed] ?? 9) > (rank[verdict] ?? 0)) {
          throw new Error(`${verdict} became ${changed} for ${JSON.stringify(mutant)}`);
        }
      }
      expect(count).toBeGreaterThan(50);
    },
  );
});
