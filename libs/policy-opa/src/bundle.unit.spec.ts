import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { canonicalJson, sha256 } from '@summit/kernel';
import { describe, expect, it } from '@jest/globals';
import { openBundle, readFiles, signBundle, withData, writeFiles } from './bundle.ts';
import { releasePolicies } from './defaults.ts';
import { ENGINE } from './instance.ts';
import { type TrustedKey } from './signature.ts';

const stored = readFileSync(new URL('../../../policies/dist/summit.bundle.tar.gz', import.meta.url));
const bytes = (text: string) => new TextEncoder().encode(text);

function keyPair(id: string): { signer: TrustedKey; trusted: TrustedKey } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    signer: { id, algorithm: 'EdDSA', key: privateKey },
    trusted: { id, algorithm: 'EdDSA', key: publicKey },
  };
}
const ours = keyPair('ours');
const theirs = keyPair('theirs');

const edited = (bundle: Uint8Array, name: string, content: string) =>
  writeFiles(new Map([...readFiles(bundle), [name, bytes(content)]]));

describe('openBundle', () => {
  it('names everything that a re-evaluation needs', async () => {
    const { identity } = await openBundle(stored, { pinned: sha256(stored) });
    const { policy, ...parts } = identity;
    expect(parts).toEqual({
      bundle: sha256(stored),
      wasm: sha256(readFiles(stored).get('policy.wasm') ?? ''),
      data: sha256(canonicalJson({ tenant: { registration: 'open' } })),
      engine: ENGINE,
    });
    expect(policy).toBe(sha256(canonicalJson(parts)));
  });

  it('records the version of the evaluator that is installed', () => {
    const path = new URL('../../../node_modules/@open-policy-agent/opa-wasm/package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
    expect(ENGINE).toBe(`opa-wasm/${version} metered/1`);
  });

  it('[C5.1] refuses a bundle that is not the pinned one', async () => {
    await expect(openBundle(stored, { pinned: sha256('another') })).rejects.toMatchObject({
      code: 'POLICY_BAD_SIGNATURE',
    });
  });

  it('[C5.1] refuses an unsigned bundle', async () => {
    await expect(openBundle(stored, { keys: [ours.trusted] })).rejects.toMatchObject({
      code: 'POLICY_BAD_SIGNATURE',
    });
  });

  it('accepts a bundle that a trusted key signed, and says which', async () => {
    const signed = await signBundle(stored, ours.signer);
    const bundle = await openBundle(signed, { keys: [theirs.trusted, ours.trusted] });
    expect(bundle.signedBy).toBe('ours');
  });

  it.each([
    ['a key that is not trusted', async () => signBundle(stored, theirs.signer)],
    ['a trusted name and another key', async () => signBundle(stored, { ...theirs.signer, id: 'ours' })],
    [
      'a signature of other data',
      async () => edited(await signBundle(stored, ours.signer), 'data.json', '{"tenant":{}}'),
    ],
    [
      'a file that was added',
      async () => edited(await signBundle(stored, ours.signer), 'more.rego', 'package more'),
    ],
    ['a signature that is no JSON', async () => edited(stored, '.signatures.json', '{"signatures":["x"]}')],
  ])('[C5.1] refuses %s', async (_, make) => {
    await expect(openBundle(await make(), { keys: [ours.trusted] })).rejects.toMatchObject({
      code: 'POLICY_BAD_SIGNATURE',
    });
  });

  it.each([
    ['no archive', () => bytes('hello')],
    ['no wasm', () => writeFiles(new Map([['data.json', bytes('{}')]]))],
    ['wasm that does not load', () => edited(stored, 'policy.wasm', 'hello')],
    ['data over 1 MiB', () => edited(stored, 'data.json', JSON.stringify({ x: 'x'.repeat(1024 * 1024) }))],
    ['data in two places', () => edited(stored, 'tenant/data.json', '{}')],
  ])('refuses %s', async (_, make) => {
    const bundle = make();
    await expect(openBundle(bundle, { pinned: sha256(bundle) })).rejects.toMatchObject({
      code: 'POLICY_BUNDLE_INVALID',
    });
  });
});

describe('withData', () => {
  it("puts a tenant's data over the defaults, with the same wasm", async () => {
    const own = withData(stored, { tenant: { denied: ['search'] }, other: 1 });
    const bundle = await openBundle(own, { pinned: sha256(own) });
    expect(JSON.parse(new TextDecoder().decode(bundle.data))).toEqual({
      other: 1,
      tenant: { registration: 'open', denied: ['search'] },
    });
    const { identity } = await openBundle(stored, { pinned: sha256(stored) });
    expect(bundle.identity.wasm).toBe(identity.wasm);
    expect(bundle.identity.policy).not.toBe(identity.policy);
  });
});

describe('releasePolicies', () => {
  it('opens what the release pins', async () => {
    const { root, development } = await releasePolicies();
    expect([...root.entries.keys()]).toEqual(['summit/root/decision']);
    expect(development.entries.size).toBe(7);
  });
});
