import { readFileSync } from 'node:fs';
import { canonicalJson, sha256 } from '@summit/kernel';
import { MAX_INPUT_BYTES, type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Bundle, openBundle, withData } from './bundle.ts';
import { Evaluator } from './evaluator.ts';
import { releasePolicies, type ReleasePolicies } from './defaults.ts';
import { opaPolicyEngine, type OpaPolicyEngine } from './opa.engine.ts';

const stored = readFileSync(new URL('../fixtures/hostile.bundle.tar.gz', import.meta.url));
const digest = 'a'.repeat(64);

/** The question about a tool call; the hostile policy goes by the tool's name. */
const ask = (tenant: string, name: string, action: object = {}): PolicyRequest => ({
  tenant,
  entry: 'summit/action/decision',
  input: canonicalJson({
    v: 1,
    tenant,
    now: 1_790_000_000_000,
    actor: { kind: 'executor', id: 'e1', roles: [] },
    thread: { id: 't1' },
    run: { id: 'r1', workflow: 'w', version: '1', startedBy: 'alice', steps: 1, attempts: 1 },
    action: {
      kind: 'tool',
      name,
      effect: 'idempotent',
      tool: digest,
      registered: true,
      sensitive: false,
      args: { q: 'hello' },
      attempt: 1,
      actionHash: digest,
      ...action,
    },
  }),
});

const said = (answers: readonly PolicyAnswer[]) => answers.map(({ verdict, code }) => code ?? verdict);

let release: ReleasePolicies;
let hostile: Bundle;
const evaluator = new Evaluator({ maxInstances: 2 });
let engine: OpaPolicyEngine;

const withSecret = async (tenant: Record<string, string>): Promise<Bundle> => {
  const bytes = withData(stored, { tenant });
  return openBundle(bytes, { pinned: sha256(bytes) });
};

beforeAll(async () => {
  release = await releasePolicies();
  hostile = await openBundle(stored, { pinned: sha256(stored) });
});

/** A fresh engine on the shared evaluator. */
const start = (): OpaPolicyEngine =>
  opaPolicyEngine({ root: release.root, fallback: release.development, evaluator });

describe('opaPolicyEngine', () => {
  beforeAll(() => {
    engine = start();
    engine.activate('evil', hostile);
  });

  it("[C5.1] decides a batch in order, each by its tenant's policy", () => {
    const requests = [
      ask('acme', 'search'),
      ask('acme', 'refund', { sensitive: true }),
      ask('acme', 'search', { registered: false }),
      ask('evil', 'allow'),
    ];
    const answers = engine.decide(requests);
    expect(said(answers)).toEqual(['allow', 'require_approval', 'deny', 'allow']);
    expect(answers[0]?.policy).toBe(engine.active('acme')?.policy);
    expect(answers[3]?.policy).toBe(hostile.identity.policy);
    expect(answers[1]?.obligations).toEqual([
      { id: 'approval', type: 'approval', params: { quorum: 1, roles: ['reviewer'], ttl_s: 3600 } },
    ]);
  });

  it('[C5.1] answers the same question with the same answer', () => {
    const request = ask('acme', 'refund', { sensitive: true });
    expect(start().decide([request, request])).toEqual([
      ...engine.decide([request]),
      ...engine.decide([request]),
    ]);
  });

  it.each([
    ['a verdict that nobody knows', 'unknown-verdict', 'POLICY_INVALID_RESULT'],
    ['an answer with a member that nobody knows', 'unknown-member', 'POLICY_INVALID_RESULT'],
    ['a duty that nobody knows', 'unknown-obligation', 'POLICY_UNKNOWN_OBLIGATION'],
    ['an answer that is no decision', 'boolean', 'POLICY_INVALID_RESULT'],
    ['no answer', 'nothing', 'POLICY_UNDEFINED'],
    ['an answer of more than 1 MiB', 'long', 'POLICY_INVALID_RESULT'],
    ['a wasm trap', 'trap', 'POLICY_ERROR'],
  ])('[C5.1] denies %s, and goes on', (_, name, code) => {
    const answers = engine.decide([ask('evil', 'allow'), ask('evil', name), ask('evil', 'allow')]);
    expect(said(answers)).toEqual(['allow', code, 'allow']);
  });

  it('[C5.1] denies an entry point that the policy lacks, and a tenant without a bundle', () => {
    const lacking = { ...ask('evil', 'allow'), entry: 'summit/state/decision' };
    expect(said(engine.decide([lacking]))).toEqual(['POLICY_UNDEFINED']);
    const bare = opaPolicyEngine({ root: release.root, evaluator });
    expect(said(bare.decide([ask('acme', 'search')]))).toEqual(['NO_BUNDLE']);
    expect(bare.active('acme')).toBeUndefined();
  });

  it('[C5.1] denies an input over 64 KiB without evaluating it, and decides one at the bound', () => {
    const overhead = Buffer.byteLength(ask('acme', 'search', { args: '' }).input);
    const fits = ask('acme', 'search', { args: 'x'.repeat(MAX_INPUT_BYTES - overhead) });
    const over = ask('acme', 'search', { args: 'x'.repeat(MAX_INPUT_BYTES - overhead + 1) });
    const wide = ask('acme', 'search', { args: 'ä'.repeat((MAX_INPUT_BYTES - overhead) / 2 + 1) });
    expect(Buffer.byteLength(fits.input)).toBe(MAX_INPUT_BYTES);
    const answers = engine.decide([fits, over, wide]);
    expect(said(answers)).toEqual(['allow', 'POLICY_INPUT_TOO_LARGE', 'POLICY_INPUT_TOO_LARGE']);
  });

  it('decides many large questions at once', () => {
    const big = ask('acme', 'search', { args: 'x'.repeat(60_000) });
    const requests = Array.from({ length: 700 }, (_, i) => (i % 10 === 0 ? big : ask('acme', 'search')));
    expect(new Set(said(engine.decide(requests)))).toEqual(new Set(['allow']));
  });

  it('leaves what must always work to the root policy, whatever bundle the tenant has', () => {
    const { input } = ask('evil', 'w');
    const cancel = canonicalJson({
      ...JSON.parse(input),
      actor: { kind: 'user', id: 'alice', roles: [] },
      action: { kind: 'run.cancel', name: 'w' },
    });
    const [answer] = engine.decide([{ tenant: 'evil', entry: 'summit/root/decision', input: cancel }]);
    expect(answer).toMatchObject({ verdict: 'allow', policy: engine.root().policy });
  });
});

describe('[I8] tenants', () => {
  it('see their own data alone, more of them than instances are kept', async () => {
    engine = start();
    const tenants = ['a', 'b', 'c', 'd', 'e'];
    for (const tenant of tenants) engine.activate(tenant, await withSecret({ secret: `of ${tenant}` }));
    engine.activate('none', hostile);
    for (let round = 0; round < 3; round++) {
      const answers = engine.decide([...tenants, 'none'].map((tenant) => ask(tenant, 'tenant')));
      expect(answers.map(({ reasons }) => reasons[0])).toEqual([
        ...tenants.map((tenant) => `of ${tenant}`),
        expect.stringMatching(/^POLICY_UNDEFINED/),
      ]);
    }
  });

  it('are decided by a new bundle from its activation on, and by the old one after a rollback', async () => {
    engine = start();
    const [first, second] = [await withSecret({ secret: 'first' }), await withSecret({ secret: 'second' })];
    const reasons = [first, second, first].map((bundle) => {
      expect(engine.activate('a', bundle)).toBe(bundle.identity);
      const [answer] = engine.decide([ask('a', 'tenant')]);
      expect(answer?.policy).toBe(bundle.identity.policy);
      return answer?.reasons[0];
    });
    expect(reasons).toEqual(['first', 'second', 'first']);
  });
});

describe('a policy that loops', () => {
  it('[C5.1] is denied in time, and the decisions before and after it hold', () => {
    engine = start();
    engine.activate('loops', hostile);
    engine.decide([ask('acme', 'search'), ask('loops', 'allow')]);
    const began = performance.now();
    const answers = engine.decide([
      ask('acme', 'search'),
      ask('loops', 'loop'),
      ask('acme', 'search'),
      ask('loops', 'allow'),
    ]);
    expect(said(answers)).toEqual(['allow', 'POLICY_TIMEOUT', 'allow', 'allow']);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(said(engine.decide([ask('acme', 'search')]))).toEqual(['allow']);
  });

  it('[C5.1] and never stops looping is soon denied unevaluated, while others are decided', () => {
    engine = start();
    engine.activate('forever', hostile);
    const requests = Array.from({ length: 100 }, () => ask('forever', 'loop'));
    const answers = requests.flatMap((request) => engine.decide([request, ask('acme', 'search')]));
    const count = (what: string) => said(answers).filter((one) => one === what).length;
    expect(count('POLICY_SUSPENDED')).toBeGreaterThan(0);
    expect(new Set(said(answers))).toEqual(new Set(['POLICY_TIMEOUT', 'POLICY_SUSPENDED', 'allow']));
    expect(count('allow')).toBe(100);
  });

  it('[C5.1] is evaluated each time, to the same answer, by whoever keeps nobody waiting', () => {
    const patient = opaPolicyEngine({ root: release.root, fallback: hostile, evaluator, patient: true });
    const answers = Array.from({ length: 60 }, () => patient.decide([ask('forever', 'loop')])[0]);
    expect(answers[0]).toMatchObject({ verdict: 'deny', code: 'POLICY_TIMEOUT' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});
