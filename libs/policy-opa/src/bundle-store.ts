import { type Digest, InvalidInputError, NotFoundError, sha256, subjectToken } from '@summit/kernel';
import { z } from 'zod';

/** Somebody's order that a bundle is to decide for a tenant from now on. Leaders have the root policy judge it. */
export const activationOrderSchema = z.strictObject({
  /** The same order again is the same order. */
  id: z.string().min(1),
  tenant: z.string().min(1),
  /** Digest of the stored bundle. */
  bundle: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whether it is an older one than the one before. */
  kind: z.enum(['bundle.activate', 'bundle.rollback']),
  /** Who orders it, as the edge has verified. */
  user: z.string().min(1),
  roles: z.array(z.string()),
  /** Milliseconds since the epoch. */
  at: z.number(),
});
export type ActivationOrder = z.infer<typeof activationOrderSchema>;

/**
 * Bundles and the orders to activate them: how the policy-gateway reaches leaders. Bundles are named by their digest
 * and kept as long as the journal. Implementations MUST store a bundle durably before `put` resolves, and MUST keep
 * the newest order of each tenant.
 */
export interface BundleStore {
  /** Stores a bundle under its digest; storing it again changes nothing. */
  put(bytes: Uint8Array): Promise<Digest>;
  /** Throws {@link NotFoundError} `BUNDLE_NOT_FOUND`; {@link InvalidInputError} `POLICY_BUNDLE_INVALID` for other bytes. */
  get(bundle: Digest): Promise<Uint8Array>;
  bundles(): Promise<Digest[]>;
  order(order: ActivationOrder): Promise<void>;
  /** The newest order of each tenant. */
  orders(): Promise<ActivationOrder[]>;
  /** Calls the listener with each tenant's newest order, then with each further one. Stops by the returned function. */
  watch(listener: (order: ActivationOrder) => void): Promise<() => void>;
}

/** Name of a bundle in a store. */
export const bundleName = (bundle: Digest): string => `bundle/${bundle}`;
/** Name of a tenant's newest order. */
export const orderName = (tenant: string): string => `order/${subjectToken(tenant)}`;

/** The bundle's bytes, if they are what the name says. */
export function checked(bundle: Digest, bytes: Uint8Array | null | undefined): Uint8Array {
  if (!bytes) {
    throw new NotFoundError(
      'BUNDLE_NOT_FOUND',
      `no bundle ${bundle} is stored`,
      'Push it: summit policy push.',
    );
  }
  if (sha256(bytes) === bundle) return bytes;
  throw new InvalidInputError(
    'POLICY_BUNDLE_INVALID',
    `what is stored as bundle ${bundle} has another digest`,
    'Push the bundle again.',
  );
}

/** A store in memory, for tests and for one process. */
export function memoryBundleStore(): BundleStore {
  const bundles = new Map<Digest, Uint8Array>();
  const orders = new Map<string, ActivationOrder>();
  const listeners = new Set<(order: ActivationOrder) => void>();
  return {
    put(bytes) {
      const digest = sha256(bytes);
      bundles.set(digest, Uint8Array.from(bytes));
      return Promise.resolve(digest);
    },
    get: (bundle) =>
      new Promise((resolve) => {
        resolve(checked(bundle, bundles.get(bundle)));
      }),
    bundles: () => Promise.resolve([...bundles.keys()]),
    order(order) {
      orders.set(order.tenant, order);
      for (const listener of listeners) listener(order);
      return Promise.resolve();
    },
    orders: () => Promise.resolve([...orders.values()]),
    watch(listener) {
      for (const order of orders.values()) listener(order);
      listeners.add(listener);
      return Promise.resolve(() => void listeners.delete(listener));
    },
  };
}
