/** The contract of {@link KeyStore}, for every implementation. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KeyStore } from './key-store.ts';

export interface KeyStoreSuite {
  /** An empty store. */
  fresh(): Promise<KeyStore>;
}

const UNKNOWN_KEY = 'k_zzzzzzzzzzzz_0';

export function keyStoreSuite(name: string, suite: KeyStoreSuite): void {
  describe(`${name} as a key store`, () => {
    let keys: KeyStore;
    beforeEach(async () => {
      keys = await suite.fresh();
    });
    afterEach(async () => keys.close());

    const bytes = (tenant: string, keyId: string): Uint8Array => {
      const found = keys.get(tenant, keyId);
      if (!(found instanceof Uint8Array)) throw new Error(`${keyId} is ${String(found)}`);
      return found;
    };

    it('gives each thread a key of its own, 32 bytes, the same whenever it is asked', async () => {
      await keys.prepare('acme');
      const ids = Array.from({ length: 300 }, () => keys.takeThreadKey('acme'));
      const found = new Set(ids.map((id) => Buffer.from(bytes('acme', id)).toString('hex')));
      expect([new Set(ids).size, found.size]).toEqual([300, 300]);
      const [first = ''] = ids;
      expect(bytes('acme', first)).toHaveLength(32);
      expect(bytes('acme', first)).toEqual(bytes('acme', first));
    });

    it('gives keys without being prepared, faster than any disk', () => {
      const ids = Array.from({ length: 3000 }, () => keys.takeThreadKey('acme'));
      expect(new Set(ids).size).toBe(3000);
    });

    it('mints ahead', async () => {
      await keys.mintThreadKeys('acme', 500);
      const ids = Array.from({ length: 500 }, () => keys.takeThreadKey('acme'));
      expect(new Set(ids).size).toBe(500);
    });

    it('gives data subjects keys of their own', async () => {
      const [one, two] = [await keys.mintSubjectKey('acme'), await keys.mintSubjectKey('acme')];
      expect(one).not.toBe(two);
      expect(bytes('acme', one)).not.toEqual(bytes('acme', two));
    });

    it('has one key a tenant, another for each', () => {
      const id = keys.tenantKey('acme');
      expect(keys.tenantKey('acme')).toBe(id);
      expect(bytes('acme', id)).not.toEqual(bytes('blu', keys.tenantKey('blu')));
    });

    it('[C4.3] [I8] finds a key under its own tenant alone', () => {
      const id = keys.takeThreadKey('acme');
      keys.takeThreadKey('blu');
      expect(keys.get('blu', id)).toBeUndefined();
      expect(keys.get('nobody', id)).toBeUndefined();
    });

    it('keeps what was erased apart from what never was', async () => {
      const [gone, kept] = [keys.takeThreadKey('acme'), keys.takeThreadKey('acme')];
      const before = keys.erasures;
      await keys.destroy('acme', gone);
      expect(keys.get('acme', gone)).toBe('erased');
      expect(keys.get('acme', UNKNOWN_KEY)).toBeUndefined();
      expect(keys.get('acme', 'no key at all')).toBeUndefined();
      expect(bytes('acme', kept)).toHaveLength(32);
      expect(keys.erasures).toBeGreaterThan(before);
      await keys.destroy('acme', gone); // again: nothing more happens
      expect(keys.get('acme', gone)).toBe('erased');
    });

    it('refuses to destroy what it does not know', async () => {
      keys.takeThreadKey('acme');
      await expect(keys.destroy('acme', UNKNOWN_KEY)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
      await expect(keys.destroy('blu', keys.takeThreadKey('acme'))).rejects.toMatchObject({
        code: 'KEY_UNKNOWN',
      });
    });

    it('erases a whole tenant with its own key, for good', async () => {
      const id = keys.takeThreadKey('acme');
      await keys.destroy('acme', keys.tenantKey('acme'));
      expect(keys.get('acme', id)).toBe('erased');
      expect(() => keys.tenantKey('acme')).toThrow(expect.objectContaining({ code: 'TENANT_ERASED' }));
      expect(() => keys.takeThreadKey('acme')).toThrow(expect.objectContaining({ code: 'TENANT_ERASED' }));
    });

    it('shows no key when it is logged', () => {
      const id = keys.takeThreadKey('acme');
      const hex = Buffer.from(bytes('acme', id)).toString('hex');
      const logged =
        inspect(keys, { depth: 10, showHidden: true }).replaceAll(' ', '') + JSON.stringify(keys);
      expect(logged).not.toContain(hex.slice(0, 8));
    });
  });
}
