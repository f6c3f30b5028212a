import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '@summit/kernel';
import { type ObjectStore } from './object-store.ts';

/** How a suite gets at stores. */
export interface ObjectStoreSubject {
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** An empty store, and a second way into the same one. */
  fresh(): Promise<{ readonly one: ObjectStore; readonly other: ObjectStore }>;
}

const bytesOf = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 31) % 251);

/** What every object store must do. */
export function objectStoreSuite(name: string, subject: ObjectStoreSubject): void {
  describe(`ObjectStore: ${name}`, () => {
    beforeAll(() => subject.start?.());
    afterAll(() => subject.stop?.());

    it.each([1, 1000, 512 * 1024, 512 * 1024 + 1, 4_300_000])(
      'gives %d bytes back as they were stored, to whoever asks',
      async (length) => {
        const { one, other } = await subject.fresh();
        const bytes = bytesOf(length);
        const digest = await one.put('acme', bytes);
        expect(digest).toBe(sha256(bytes));
        expect(Buffer.compare(await other.get('acme', digest), bytes)).toBe(0);
      },
    );

    it('takes the same bytes again, from several at once, as one object', async () => {
      const { one, other } = await subject.fresh();
      const bytes = bytesOf(700_000);
      const digests = await Promise.all([one.put('acme', bytes), other.put('acme', bytes)]);
      expect(new Set([...digests, await one.put('acme', bytes)]).size).toBe(1);
      expect(sha256(await other.get('acme', sha256(bytes)))).toBe(sha256(bytes));
    });

    it('says that an object is not there', async () => {
      const { one } = await subject.fresh();
      await expect(one.get('acme', '0'.repeat(64))).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    });

    it('[I8] [C4.3] gives no tenant the object of another, whatever its name', async () => {
      const { one } = await subject.fresh();
      const digest = await one.put('acme', bytesOf(100));
      for (const tenant of ['acm', 'acme.', 'Acme Ltd. *>', '*', '>']) {
        await expect(one.get(tenant, digest)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
      }
      await one.put('Acme Ltd. *>', bytesOf(100));
      expect(sha256(await one.get('Acme Ltd. *>', digest))).toBe(digest);
    });
  });
}
