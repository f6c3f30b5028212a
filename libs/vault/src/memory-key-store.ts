import { keyUnknown, tenantErased } from './errors.ts';
import { type KeyId, type KeyLookup, type KeyStore } from './key-store.ts';
import { KEY_BYTES } from './sealing.ts';
import sodium from 'sodium-native';

/** The twin for tests and for runs that need not outlive their process. Keeps the contract of {@link KeyStore}. */
export class MemoryKeyStore implements KeyStore {
  readonly #tenants = new Map<string, Map<KeyId, Uint8Array | 'erased'>>();
  #made = 0;
  erasures = 0;

  async prepare(tenant: string): Promise<void> {
    this.tenantKey(tenant);
    return Promise.resolve();
  }

  async mintThreadKeys(tenant: string, _count: number): Promise<void> {
    return this.prepare(tenant); // a key costs nothing here: it is made when it is taken
  }

  takeThreadKey(tenant: string): KeyId {
    this.tenantKey(tenant);
    return this.#mint(tenant, `k_memory_${(this.#made++).toString(36)}`);
  }

  async mintSubjectKey(tenant: string): Promise<KeyId> {
    return Promise.resolve(this.takeThreadKey(tenant));
  }

  tenantKey(tenant: string): KeyId {
    const found = this.#keys(tenant).get(TENANT);
    if (found === 'erased') throw tenantErased(tenant);
    return found ? TENANT : this.#mint(tenant, TENANT);
  }

  get(tenant: string, keyId: KeyId): KeyLookup {
    const keys = this.#tenants.get(tenant);
    const found = keys?.get(keyId);
    return found && keys?.get(TENANT) === 'erased' ? 'erased' : found;
  }

  async destroy(tenant: string, keyId: KeyId): Promise<void> {
    const keys = this.#keys(tenant);
    if (!keys.has(keyId)) throw keyUnknown(keyId);
    keys.set(keyId, 'erased');
    this.erasures++;
    return Promise.resolve();
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  #keys(tenant: string): Map<KeyId, Uint8Array | 'erased'> {
    const found = this.#tenants.get(tenant);
    if (found) return found;
    const made = new Map<KeyId, Uint8Array | 'erased'>();
    this.#tenants.set(tenant, made);
    return made;
  }

  #mint(tenant: string, keyId: KeyId): KeyId {
    const key = Buffer.alloc(KEY_BYTES);
    sodium.randombytes_buf(key);
    this.#keys(tenant).set(keyId, key);
    return keyId;
  }
}

const TENANT = 't_memory';
