import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '@summit/kernel';
import { opaComponent, provide } from '@summit/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testPolicies } from './build.ts';
import { type Bundle, openBundle, readFiles, signBundle } from './bundle.ts';
import { releasePolicies, type ReleasePolicies } from './defaults.ts';
import { developmentKey } from './development-key.ts';
import { opaPolicyEngine } from './opa.engine.ts';
import { readPolicies, tenantBundle, tenantFiles } from './tenant-policies.ts';

const digest = 'a'.repeat(64);
const input = canonicalJson({
  v: 1,
  tenant: 'acme',
  now: 1,
  actor: { kind: 'executor', id: 'e1', roles: [] },
  thread: { id: 't1' },
  run: { id: 'r1', workflow: 'w', version: '1', startedBy: 'alice', steps: 1, attempts: 1 },
  action: {
    kind: 'tool',
    name: 'payments.refund',
    effect: 'idempotent',
    tool: digest,
    registered: true,
    sensitive: true,
    args: { amountCents: 500 },
    attempt: 1,
    actionHash: digest,
  },
});

const OWN = `package summit.action

# METADATA
# entrypoint: true
decision := {"verdict": "allow", "reasons": [], "obligations": []} if input.action.args.amountCents < data.tenant.limit
else := {"verdict": "deny", "reasons": ["too much"], "obligations": []}
`;
const OWN_TEST = `package summit.action_test

test_small if {
	data.summit.action.decision.verdict == "allow" with input.action.args.amountCents as 1 with data.tenant.limit as 2
}

test_wrong if data.summit.action.decision.verdict == "allow" with input.action.args.amountCents as 3
	with data.tenant.limit as 2
`;

const text = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([name, content]) => [name, new TextEncoder().encode(content)]));

let opa: string;
let release: ReleasePolicies;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'summit-policies-'));
  const provided = await provide(opaComponent);
  opa = provided.way === 'url' ? '' : provided.program;
  release = await releasePolicies();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const pinned = async (bytes: Uint8Array): Promise<Bundle> => openBundle(bytes, { pinned: sha256(bytes) });

function decide(bundle: Bundle) {
  const engine = opaPolicyEngine({ root: release.root });
  engine.activate('acme', bundle);
  return engine.decide([{ tenant: 'acme', entry: 'summit/action/decision', input }])[0];
}

describe('tenantBundle', () => {
  const base = () => release.development.bytes;

  it("takes a tenant's data without OPA", async () => {
    const approvals = [{ tool: 'payments.refund', argument: '/amountCents', above: 400, quorum: 2 }];
    const files = text({ 'data.json': JSON.stringify({ tenant: { approvals } }) });
    const bundle = await pinned(await tenantBundle({ base: base(), files }));
    expect(decide(bundle)).toMatchObject({
      verdict: 'require_approval',
      obligations: [{ params: { quorum: 2 } }],
    });
    expect(bundle.identity.wasm).toBe(release.development.identity.wasm);
  });

  it("puts a tenant's package in the place of the release's", async () => {
    const data = JSON.stringify({ tenant: { limit: 1000 } });
    const files = text({ 'refund.rego': OWN, 'refund_test.rego': OWN_TEST, 'data.json': data });
    const bytes = await tenantBundle({ base: base(), files, opa });
    expect(decide(await pinned(bytes))?.verdict).toBe('allow');
    expect([...readFiles(bytes).keys()]).toEqual(
      expect.arrayContaining(['tenant/refund.rego', 'summit/run/run.rego']),
    );
    expect([...readFiles(bytes).keys()]).not.toContain('summit/action/action.rego');
    expect(sha256(await tenantBundle({ base: base(), files, opa }))).toBe(sha256(bytes));
  });

  it('encloses its sources whole, so that what decided can be read', async () => {
    const source = readFileSync(new URL('../../../policies/summit/action/action.rego', import.meta.url));
    expect(readFiles(base()).get('summit/action/action.rego')).toEqual(new Uint8Array(source));
    await Promise.resolve();
  });

  it('[C5.1] leaves the root policy and the question to the release', async () => {
    const files = text({ 'mine.rego': 'package summit.root\n\ndecision := true' });
    await expect(tenantBundle({ base: base(), files, opa })).rejects.toMatchObject({
      code: 'POLICY_BUILD_FAILED',
    });
  });

  it('[C5.1] names the builtin that wasm can not run', async () => {
    const files = text({ 'mine.rego': `${OWN}\nnow := time.now_ns()\n`.replace('data.tenant.limit', 'now') });
    const bytes = await tenantBundle({ base: base(), files, opa });
    await expect(pinned(bytes)).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
      message: expect.stringContaining('time.now_ns') as unknown,
    });
  });

  it("says with OPA's words what does not compile, and what is missing without OPA", async () => {
    const files = text({ 'mine.rego': 'package summit.action\n\ndecision if nonsense' });
    await expect(tenantBundle({ base: base(), files, opa })).rejects.toMatchObject({
      message: expect.stringContaining('tenant/mine.rego:3') as unknown,
    });
    await expect(tenantBundle({ base: base(), files })).rejects.toMatchObject({
      code: 'POLICY_BUILD_FAILED',
    });
  });

  it('reads a directory as `summit up --app` does', async () => {
    writeFileSync(join(directory, 'refund.rego'), OWN);
    writeFileSync(join(directory, 'notes.md'), 'not a policy');
    expect([...(await readPolicies(directory)).keys()]).toEqual(['refund.rego']);
  });
});

describe('testPolicies', () => {
  it("runs a tenant's tests against the rules that would decide", async () => {
    const files = tenantFiles(release.development.bytes, text({ 'a.rego': OWN, 'a_test.rego': OWN_TEST }));
    expect(await testPolicies({ opa, files })).toEqual({
      passed: 1,
      failed: ['data.summit.action_test.test_wrong'],
    });
  });
});

describe('signatures', () => {
  it("are OPA's: each accepts the other's", async () => {
    const { signer, trusted } = developmentKey(directory);
    expect(developmentKey(directory).trusted.id).toBe(trusted.id);
    const [ours, key] = [join(directory, 'ours.tar.gz'), join(directory, 'key.pem')];
    writeFileSync(ours, await signBundle(release.development.bytes, signer));
    writeFileSync(key, trusted.key.export({ type: 'spki', format: 'pem' }));
    const verify = ['--verification-key', key, '--verification-key-id', trusted.id, '--signing-alg', 'EdDSA'];
    execFileSync(opa, ['build', '--bundle', ours, ...verify, '--output', join(directory, 'again.tar.gz')]);

    const source = mkdtempSync(join(directory, 'source-'));
    writeFileSync(join(source, 'refund.rego'), OWN);
    writeFileSync(join(source, 'data.json'), '{"tenant":{"limit":1}}');
    const theirs = join(directory, 'theirs.tar.gz');
    const sign = ['--signing-key', join(directory, 'development-policy.pem'), '--signing-alg', 'EdDSA'];
    const build = ['build', '--target', 'wasm', '--entrypoint', 'summit/action/decision', '--bundle', '.'];
    execFileSync(opa, [...build, ...sign, '--output', theirs], { cwd: source });
    // OPA names the key it signs with `default`.
    const bundle = await openBundle(readFileSync(theirs), { keys: [{ ...trusted, id: 'default' }] });
    expect(bundle.signedBy).toBe('default');
  });
});
