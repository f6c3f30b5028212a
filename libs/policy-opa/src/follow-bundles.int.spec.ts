import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@summit/kernel';
import { signBundle, withData } from './bundle.ts';
import { type ActivationOrder, type BundleStore, memoryBundleStore } from './bundle-store.ts';
import { releasePolicies, type ReleasePolicies } from './defaults.ts';
import { developmentKey } from './development-key.ts';
import { followBundles } from './follow-bundles.ts';
import { opaPolicyEngine, type OpaPolicyEngine } from './opa.engine.ts';

const input = canonicalJson({
  v: 1,
  tenant: 'acme',
  now: 1,
  actor: { kind: 'user', id: 'alice', roles: [] },
  action: { kind: 'run.start', name: 'support', version: '1', registered: true, args: null },
});

let release: ReleasePolicies;
let directory: string;
let store: BundleStore;
let engines: OpaPolicyEngine[];
let log: string[];
let heard: () => void;

beforeAll(async () => {
  release = await releasePolicies();
  directory = mkdtempSync(join(tmpdir(), 'summit-follow-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  store = memoryBundleStore();
  engines = [0, 1].map(() => opaPolicyEngine({ root: release.root, fallback: release.development }));
  log = [];
  heard = () => undefined;
});

const note = (line: string): void => {
  log.push(line);
  heard();
};

const follow = () =>
  followBundles({
    store,
    keys: [developmentKey(directory).trusted],
    engines,
    now: () => 1,
    onActivated: ({ id }) => {
      note(`activated ${id}`);
    },
    onRefused: ({ id }, { code }) => {
      note(`refused ${id}: ${code}`);
    },
  });

/** A bundle that allows these workflows alone. */
const bundleOf = (...workflows: string[]) => withData(release.development.bytes, { tenant: { workflows } });
const signed = (bytes: Uint8Array) => signBundle(bytes, developmentKey(directory).signer);

async function ordered(id: string, bytes: Uint8Array, over: Partial<ActivationOrder> = {}): Promise<void> {
  const bundle = await store.put(bytes);
  const said = new Promise<void>((resolve) => (heard = resolve));
  const order: ActivationOrder = {
    id,
    tenant: 'acme',
    bundle,
    kind: 'bundle.activate',
    user: 'olga',
    roles: ['operator'],
    at: 1,
  };
  await store.order({ ...order, ...over });
  if (following) await said;
}
let following = false;

const verdicts = () =>
  engines.map(
    (engine) => engine.decide([{ tenant: 'acme', entry: 'summit/run/decision', input }])[0]?.verdict,
  );

describe('followBundles', () => {
  beforeEach(() => {
    following = false;
  });

  it('has applied every standing order when it resolves', async () => {
    await ordered('one', await signed(bundleOf('nothing')));
    expect(verdicts()).toEqual(['allow', 'allow']);
    const stop = await follow();
    expect(log).toEqual(['activated one']);
    expect(verdicts()).toEqual(['deny', 'deny']);
    stop();
  });

  it('[C5.1] has each further bundle decide from its order on, in every partition', async () => {
    const stop = await follow();
    following = true;
    await ordered('one', await signed(bundleOf('nothing')));
    expect(verdicts()).toEqual(['deny', 'deny']);
    await ordered('two', await signed(bundleOf('support')), { kind: 'bundle.rollback' });
    expect(verdicts()).toEqual(['allow', 'allow']);
    expect(log).toEqual(['activated one', 'activated two']);
    stop();
  });

  it('[C5.1] refuses an unsigned bundle, a missing one, and whoever is no operator; the active one stays', async () => {
    const stop = await follow();
    following = true;
    await ordered('good', await signed(bundleOf('support')));
    const active = engines[0]?.active('acme');
    await ordered('unsigned', bundleOf('nothing'));
    await ordered('missing', await signed(bundleOf('nothing')), { bundle: '0'.repeat(64) });
    await ordered('alice', await signed(bundleOf('nothing')), { user: 'alice', roles: ['developer'] });
    expect(log.slice(1)).toEqual([
      'refused unsigned: POLICY_BAD_SIGNATURE',
      'refused missing: BUNDLE_NOT_FOUND',
      'refused alice: POLICY_DENIED',
    ]);
    expect(engines[0]?.active('acme')).toBe(active);
    expect(verdicts()).toEqual(['allow', 'allow']);
    stop();
  });

  it('[I8] leaves other tenants as they are', async () => {
    const stop = await follow();
    following = true;
    await ordered('one', await signed(bundleOf('nothing')), { tenant: 'other' });
    expect(verdicts()).toEqual(['allow', 'allow']);
    stop();
  });
});
