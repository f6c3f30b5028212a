import { type NatsConnection } from '@nats-io/transport-node';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { type Digest, NotFoundError, sha256 } from '@summit/kernel';
import {
  type ActivationOrder,
  activationOrderSchema,
  bundleName,
  type BundleStore,
  checked,
  orderName,
} from './bundle-store.ts';

/** The bucket; its stream `OBJ_SUMMIT_BUNDLES` stands in deploy/nats/streams.yaml. Services never create it. */
export const BUNDLE_BUCKET = 'SUMMIT_BUNDLES';

const BUNDLE = 'bundle/';
const ORDER = 'order/';

/** The bundle store in a JetStream object store. Throws `BUNDLE_STORE_MISSING` where the bucket is not there. */
export async function natsBundleStore(nc: NatsConnection, bucket = BUNDLE_BUCKET): Promise<BundleStore> {
  try {
    return new NatsBundleStore(await new Objm(nc).open(bucket));
  } catch (cause) {
    throw isMissing(cause) ? missing(bucket, cause) : cause;
  }
}

/** As `@nats-io/obj` words it; it has no code. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.message === 'object store not found';

const missing = (bucket: string, cause: unknown): NotFoundError =>
  new NotFoundError(
    'BUNDLE_STORE_MISSING',
    `the stream OBJ_${bucket} is not there`,
    'Make it: summit streams apply.',
    { cause },
  );

class NatsBundleStore implements BundleStore {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256(bytes);
    const name = bundleName(digest);
    const known = await this.#objects.info(name);
    if (!known || known.deleted) await this.#objects.putBlob({ name }, bytes);
    return digest;
  }

  async get(bundle: Digest): Promise<Uint8Array> {
    return checked(bundle, await this.#objects.getBlob(bundleName(bundle)));
  }

  async bundles(): Promise<Digest[]> {
    return (await this.#names(BUNDLE)).map((name) => name.slice(BUNDLE.length));
  }

  async order(order: ActivationOrder): Promise<void> {
    const text = JSON.stringify(activationOrderSchema.parse(order));
    await this.#objects.putBlob({ name: orderName(order.tenant) }, new TextEncoder().encode(text));
  }

  async orders(): Promise<ActivationOrder[]> {
    const orders = await Promise.all((await this.#names(ORDER)).map((name) => this.#read(name)));
    return orders.filter((order) => order !== undefined);
  }

  async watch(listener: (order: ActivationOrder) => void): Promise<() => void> {
    const updates = await this.#objects.watch({ ignoreDeletes: true, includeHistory: true });
    void (async () => {
      for await (const { name } of updates) {
        if (!name.startsWith(ORDER)) continue;
        // An order that can not be read is nobody's order; the one before it stands.
        const order = await this.#read(name).catch(() => undefined);
        if (order) listener(order);
      }
    })();
    return () => {
      updates.stop();
    };
  }

  async #names(prefix: string): Promise<string[]> {
    const infos = await this.#objects.list();
    return infos.filter(({ name, deleted }) => !deleted && name.startsWith(prefix)).map(({ name }) => name);
  }

  async #read(name: string): Promise<ActivationOrder | undefined> {
    const bytes = await this.#objects.getBlob(name);
    if (!bytes) return undefined;
    return activationOrderSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }
}
