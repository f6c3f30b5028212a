import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type SealContext } from '@summit/events';
import { MemoryKeyStore, newSalt, Vault } from './index.ts';

let keys: MemoryKeyStore;
let vault: Vault;
beforeEach(() => {
  keys = new MemoryKeyStore();
  vault = new Vault(keys, 4);
});

const contextOf = (key: string, tenant = 'acme'): SealContext => ({
  tenant,
  key,
  commitId: '00-acme-0',
  salt: newSalt(),
});

describe('the vault', () => {
  it('[I9] seals and opens under a thread’s key and under the tenant’s', () => {
    for (const key of [vault.takeThreadKey('acme'), vault.tenantKey('acme')]) {
      const context = contextOf(key);
      expect(vault.open(context, 'clear', vault.seal(context, 'clear', 'secret'))).toBe('secret');
    }
  });

  it('opens nothing once the key is destroyed, cached or not, and seals nothing under it', async () => {
    const context = contextOf(vault.takeThreadKey('acme'));
    const sealed = vault.seal(context, 'clear', 'secret');
    await keys.destroy('acme', context.key);
    expect(vault.open(context, 'clear', sealed)).toBeUndefined();
    expect(() => vault.seal(context, 'clear', 'more')).toThrow(
      expect.objectContaining({ code: 'KEY_ERASED' }),
    );
  });

  it('tells an unknown key from an erased one: it may be the wrong directory', () => {
    const context = contextOf('k_zzzzzzzzzzzz_0');
    expect(() => vault.open(context, '', 'AAAA')).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }));
    expect(() => vault.seal(context, '', '')).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }));
  });

  it('[C4.3] [I8] does not open one tenant’s payload with a key asked for by another, even when it is cached', () => {
    const context = contextOf(vault.takeThreadKey('acme'));
    const sealed = vault.seal(context, 'clear', 'secret');
    vault.takeThreadKey('blu');
    expect(() => vault.open({ ...context, tenant: 'blu' }, 'clear', sealed)).toThrow(
      expect.objectContaining({ code: 'KEY_UNKNOWN' }),
    );
  });

  it('opens with more keys in use than it caches', () => {
    const blobs = Array.from({ length: 50 }, (_, i) => {
      const context = contextOf(vault.takeThreadKey('acme'));
      return { context, sealed: vault.seal(context, '', String(i)) };
    });
    for (let round = 0; round < 2; round++) {
      for (const [i, { context, sealed }] of blobs.entries())
        expect(vault.open(context, '', sealed)).toBe(String(i));
    }
  });

  it('discloses what opens one commit and no other', () => {
    const context = contextOf(vault.takeThreadKey('acme'));
    expect(vault.disclose(context)).toHaveLength(64);
    expect(vault.disclose(context)).not.toEqual(vault.disclose({ ...context, commitId: '00-acme-1' }));
  });

  it('gives surrogates per tenant', () => {
    expect(vault.surrogate('acme', 'user', 'alice')).toBe(vault.surrogate('acme', 'user', 'alice'));
    expect(vault.surrogate('acme', 'user', 'alice')).not.toBe(vault.surrogate('blu', 'user', 'alice'));
  });

  it('shows no key when it is logged', () => {
    const id = vault.takeThreadKey('acme');
    vault.seal(contextOf(id), '', '');
    const key = keys.get('acme', id);
    const hex = key instanceof Uint8Array ? Buffer.from(key).toString('hex') : '?';
    const logged =
      inspect(vault, { depth: 10, showHidden: true }).replaceAll(' ', '') + JSON.stringify(vault);
    expect(logged).not.toContain(hex.slice(0, 8));
  });
});
