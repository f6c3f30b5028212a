import { type NatsConnection } from '@nats-io/transport-node';
import { type Bundle, natsBundleStore, openBundle, releasePolicies } from '@summit/policy-opa';

/** Every bundle that can be had: the release's own, and those that a stack keeps. */
export async function allBundles(nc?: NatsConnection): Promise<{ root: Bundle; bundles: Bundle[] }> {
  const { root, development } = await releasePolicies();
  return { root, bundles: [development, ...(nc ? await storedBundles(nc) : [])] };
}

/** Each is believed by its digest: what decides is whether a decision names it. */
async function storedBundles(nc: NatsConnection): Promise<Bundle[]> {
  const store = await natsBundleStore(nc);
  const digests = await store.bundles();
  return Promise.all(digests.map(async (pinned) => openBundle(await store.get(pinned), { pinned })));
}
