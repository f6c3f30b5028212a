import { readdirSync, readFileSync } from 'node:fs';

/** One case of `policies/summit/<area>/cases.json`, which the Rego tests run too. */
export interface PolicyCase {
  readonly area: string;
  readonly title: string;
  readonly tenant: unknown;
  readonly input: unknown;
  readonly verdict: 'allow' | 'deny' | 'require_approval';
}

interface Corpus {
  readonly cases: {
    readonly tenant: unknown;
    readonly base: Readonly<Record<string, unknown>>;
    readonly list: readonly {
      readonly title: string;
      readonly tenant?: unknown;
      readonly action?: unknown;
      readonly with: unknown;
      readonly verdict: PolicyCase['verdict'];
    }[];
  };
}

/** Every case of the release's policies. */
export function policyCases(policies: URL): PolicyCase[] {
  const areas = readdirSync(new URL('summit/', policies)).filter((area) => area !== 'question');
  return areas.flatMap((area) => {
    const file = readFileSync(new URL(`summit/${area}/cases.json`, policies), 'utf8');
    const { cases } = JSON.parse(file) as Corpus;
    return cases.list.map(({ title, tenant, action, with: over, verdict }) => {
      const base = action === undefined ? cases.base : { ...cases.base, action };
      return { area, title, verdict, tenant: tenant ?? cases.tenant, input: union(base, over) };
    });
  });
}

/** Rego's `object.union`. */
function union(a: unknown, b: unknown): unknown {
  if (!isRecord(a) || !isRecord(b)) return b;
  const result: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) result[key] = key in a ? union(a[key], value) : value;
  return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
