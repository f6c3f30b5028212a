import { type Digest, sha256 } from '@summit/kernel';
import { checkedObject, type ObjectStore, objectsUnreachable } from './object-store.ts';

/** How a store misbehaves. */
export interface ObjectFaults {
  /** Whether a put goes unanswered; asked once per call. */
  putLost?(): boolean;
  /** Waited for before a put takes effect. */
  travel?(): Promise<void>;
}

/** The twin of the object store: in memory, with faults where a test wants them. */
export class MemoryObjectStore implements ObjectStore {
  /** By `<tenant>/<digest>`. */
  readonly objects = new Map<string, Uint8Array>();
  readonly #faults: ObjectFaults;

  constructor(faults: ObjectFaults = {}) {
    this.#faults = faults;
  }

  async put(tenant: string, bytes: Uint8Array): Promise<Digest> {
    const kept = Uint8Array.from(bytes);
    await this.#faults.travel?.();
    if (this.#faults.putLost?.()) throw objectsUnreachable('it is away');
    const digest = sha256(kept);
    this.objects.set(`${tenant}/${digest}`, kept);
    return digest;
  }

  async get(tenant: string, digest: Digest): Promise<Uint8Array> {
    return checkedObject(digest, this.objects.get(`${tenant}/${digest}`));
  }
}
