import { sha256 } from '@summit/kernel';
import { describe, expect, it } from '@jest/globals';
import { type ActivationOrder, type BundleStore } from './bundle-store.ts';

/** Every bundle store keeps to this. */
export function bundleStoreSuite(name: string, open: () => Promise<BundleStore>): void {
  const order = (tenant: string, bundle: string): ActivationOrder => ({
    id: `order ${bundle.slice(0, 8)}`,
    tenant,
    bundle,
    kind: 'bundle.activate',
    user: 'olga',
    roles: ['operator'],
    at: 1,
  });

  describe(`BundleStore: ${name}`, () => {
    it('gives back what was stored, larger than one message too', async () => {
      const store = await open();
      const bytes = new Uint8Array(3_000_000).map((_, i) => i % 251);
      const digest = await store.put(bytes);
      expect(digest).toBe(sha256(bytes));
      expect(sha256(await store.get(digest))).toBe(digest);
    });

    it('stores the same bundle once', async () => {
      const store = await open();
      const bytes = new TextEncoder().encode('a bundle');
      expect(await store.put(bytes)).toBe(await store.put(bytes));
      expect(await store.bundles()).toEqual([sha256(bytes)]);
    });

    it('says that a bundle is not there', async () => {
      const store = await open();
      await expect(store.get('0'.repeat(64))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
    });

    it('[I8] keeps the newest order of each tenant, whatever its name', async () => {
      const store = await open();
      const tenants = ['acme', 'Acme Ltd. *>'];
      for (const tenant of tenants) {
        await store.order(order(tenant, '1'.repeat(64)));
        await store.order(order(tenant, '2'.repeat(64)));
      }
      const orders = (await store.orders()).map(({ tenant, bundle }) => [tenant, bundle]);
      expect(orders.sort()).toEqual(tenants.map((tenant) => [tenant, '2'.repeat(64)]).sort());
    });

    it('tells a watcher what is ordered, and what will be', async () => {
      const store = await open();
      await store.order(order('acme', '1'.repeat(64)));
      const seen: string[] = [];
      let wake: () => void = () => undefined;
      const next = () => new Promise<void>((resolve) => (wake = resolve));
      let waits = next();
      const stop = await store.watch(({ tenant, bundle }) => {
        seen.push(`${tenant} ${bundle.slice(0, 1)}`);
        wake();
      });
      if (seen.length === 0) await waits;
      waits = next();
      await store.order(order('other', '2'.repeat(64)));
      if (seen.length === 1) await waits;
      expect(seen).toEqual(['acme 1', 'other 2']);
      stop();
    });
  });
}
