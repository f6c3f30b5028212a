import { type ErrorRecord, errorRecord, type Instant } from '@summit/kernel';
import { activationRequest, type PolicyIdentity } from '@summit/policy';
import { openBundle } from './bundle.ts';
import { type ActivationOrder, type BundleStore } from './bundle-store.ts';
import { type OpaPolicyEngine } from './opa.engine.ts';
import { type TrustedKey } from './signature.ts';

export interface FollowOptions {
  readonly store: BundleStore;
  /** Whose bundles are accepted. */
  readonly keys: readonly TrustedKey[];
  /** Engines that are to decide by what is ordered: one a partition. */
  readonly engines: readonly OpaPolicyEngine[];
  readonly now: () => Instant;
  readonly onActivated?: (order: ActivationOrder, identity: PolicyIdentity) => void;
  /** The bundle that was active stays so. */
  readonly onRefused?: (order: ActivationOrder, error: ErrorRecord) => void;
}

/**
 * Keeps engines at the newest bundle that was ordered for each tenant, where its signature holds and the root policy
 * lets whoever ordered it. Resolves once all standing orders are applied; stops by the returned function. One order
 * after the other, so that the newest one stands at the end.
 */
export async function followBundles(options: FollowOptions): Promise<() => void> {
  const { store } = options;
  const applied = new Map<string, string>();
  const apply = async (order: ActivationOrder): Promise<void> => {
    if (applied.get(order.tenant) === order.id) return;
    applied.set(order.tenant, order.id);
    try {
      await activate(options, order);
    } catch (error) {
      options.onRefused?.(order, errorRecord(error));
    }
  };
  for (const order of await store.orders()) await apply(order);
  let queue = Promise.resolve();
  return store.watch((order) => {
    queue = queue.then(() => apply(order));
  });
}

async function activate(
  { store, keys, engines, now, ...told }: FollowOptions,
  order: ActivationOrder,
): Promise<void> {
  const bundle = await openBundle(await store.get(order.bundle), { keys });
  const request = activationRequest(order, true, now());
  for (const engine of engines) {
    const [answer] = engine.decide([request]);
    if (answer?.verdict !== 'allow') {
      const message = answer?.reasons.join('; ') ?? 'no answer';
      told.onRefused?.(order, { code: 'POLICY_DENIED', message, next: 'Ask an operator.', retryable: false });
      return;
    }
    engine.activate(order.tenant, bundle);
  }
  told.onActivated?.(order, bundle.identity);
}
