/** What a key is for. A `tenant` key wraps the others and keys the tenant's surrogates. */
export type KeyKind = 'tenant' | 'thread' | 'subject';

/** Made by the runtime, safe to stand in clear. */
export type KeyId = string;

/** What can be said of a key: its 32 bytes (never change them), or that it was destroyed, or that there is none. */
export type KeyLookup = Uint8Array | 'erased' | undefined;

/**
 * Where keys live: truth beside the journal, never in NATS, PostgreSQL or their backups.
 *
 * An implementation MUST make a key durable before its id leaves the store; MUST keep *erased* apart from
 * *unknown*; MUST NOT hand the same thread key out twice; MUST let several processes share one place, each
 * seeing the keys of the others at once and their destructions within seconds; MUST NOT show a key in a log.
 */
export interface KeyStore {
  /** Loads what is there for a tenant and fills its pool, so that the synchronous calls need not wait for a disk. */
  prepare(tenant: string): Promise<void>;
  /** Adds thread keys to the pool: one write, one fsync. The pool also refills itself before it runs dry. */
  mintThreadKeys(tenant: string, count: number): Promise<void>;
  /** The next key of the pool, for a new thread. Throws `TENANT_ERASED`. */
  takeThreadKey(tenant: string): KeyId;
  /** A new key for a data subject. */
  mintSubjectKey(tenant: string): Promise<KeyId>;
  /** The tenant's own key, made at first use. Throws `TENANT_ERASED`. */
  tenantKey(tenant: string): KeyId;
  get(tenant: string, keyId: KeyId): KeyLookup;
  /** Durable when it resolves; not to be undone. The tenant's own key erases the tenant. Throws `KEY_UNKNOWN`. */
  destroy(tenant: string, keyId: KeyId): Promise<void>;
  /** Grows whenever this process learns of a destroyed key: what was cached before is void. */
  readonly erasures: number;
  close(): Promise<void>;
}
