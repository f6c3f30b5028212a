import { type Opener, type SealContext, type Sealer } from '@summit/events';
import { keyErased, keyUnknown } from './errors.ts';
import { type KeyId, type KeyLookup, type KeyStore } from './key-store.ts';
import { disclose, open, seal, sealLine } from './sealing.ts';
import { surrogate } from './surrogate.ts';

/** Unwrapped keys kept at once; a leader's live runs should fit. */
const CACHED_KEYS = 16_384;

/** A key, and the tenant under which alone it is found. */
interface Unwrapped {
  readonly tenant: string;
  readonly key: Uint8Array;
}

/**
 * Seals and opens commits with the keys of a store. // I9
 *
 * Owns a bounded cache of unwrapped keys, void as soon as the store tells of an erasure. Never shows a key.
 */
export class Vault implements Sealer, Opener {
  readonly #store: KeyStore;
  readonly #limit: number;
  #young = new Map<KeyId, Unwrapped>();
  #old = new Map<KeyId, Unwrapped>();
  #seenErasures: number;

  constructor(store: KeyStore, cachedKeys = CACHED_KEYS) {
    this.#store = store;
    this.#limit = Math.max(1, cachedKeys >> 1);
    this.#seenErasures = store.erasures;
  }

  /** Throws `KEY_ERASED`, `KEY_UNKNOWN`. */
  seal(context: SealContext, associated: string, plaintext: string): string {
    return seal(this.#usable(context.tenant, context.key), context, associated, plaintext);
  }

  /** Throws `KEY_ERASED`, `KEY_UNKNOWN`. */
  sealLine(context: SealContext, clear: string, plaintext: string): Uint8Array {
    return sealLine(this.#usable(context.tenant, context.key), context, clear, plaintext);
  }

  /** Undefined where the key was destroyed. Throws `SEAL_BROKEN`, `KEY_UNKNOWN`. */
  open(context: SealContext, associated: string, sealed: string): string | undefined {
    const key = this.#lookup(context.tenant, context.key);
    if (key === undefined) throw keyUnknown(context.key);
    return key === 'erased' ? undefined : open(key, context, associated, sealed);
  }

  /** Loads a tenant's keys ahead, so that nothing later waits for a disk. */
  prepare(tenant: string): Promise<void> {
    return this.#store.prepare(tenant);
  }

  /** The key of a new thread, durable already. */
  takeThreadKey(tenant: string): KeyId {
    return this.#store.takeThreadKey(tenant);
  }

  /** The tenant's own key, for commits that belong to no thread. */
  tenantKey(tenant: string): KeyId {
    return this.#store.tenantKey(tenant);
  }

  /** What stands in clear for a name that people chose; see {@link surrogate}. */
  surrogate(tenant: string, kind: string, name: string): string {
    return surrogate(this.#usable(tenant, this.#store.tenantKey(tenant)), kind, name);
  }

  /** What opens one commit and no other. Throws `KEY_ERASED`, `KEY_UNKNOWN`. */
  disclose({ tenant, key, commitId, salt }: SealContext): Uint8Array {
    return disclose(this.#usable(tenant, key), commitId, salt);
  }

  #usable(tenant: string, keyId: KeyId): Uint8Array {
    const key = this.#lookup(tenant, keyId);
    if (key === undefined) throw keyUnknown(keyId);
    if (key === 'erased') throw keyErased(keyId);
    return key;
  }

  /** Least recently used, in two generations: what is used moves to the young; when those fill, the old go. */
  #lookup(tenant: string, keyId: KeyId): KeyLookup {
    if (this.#seenErasures !== this.#store.erasures) this.#forget();
    const young = this.#young.get(keyId);
    if (young?.tenant === tenant) return young.key; // I8
    const old = this.#old.get(keyId);
    const key = old?.tenant === tenant ? old.key : this.#store.get(tenant, keyId);
    if (key === undefined || key === 'erased') return key;
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(keyId, { tenant, key });
    return key;
  }

  #forget(): void {
    this.#seenErasures = this.#store.erasures;
    this.#young.clear();
    this.#old.clear();
  }
}
