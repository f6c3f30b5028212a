import { join } from 'node:path';
import { sha256, subjectToken } from '@summit/kernel';
import sodium from 'sodium-native';
import { createOnce, makeDirectory, readIfThere } from './durable-files.ts';
import { keyCorrupt } from './errors.ts';
import { type KeyId, type KeyLookup, type KeyStore } from './key-store.ts';
import { KEY_BYTES } from './sealing.ts';
import { TenantKeys } from './tenant-keys.ts';

/** How often a process looks for keys that others destroyed, milliseconds. */
const REFRESH_MS = 1000;
/** File names end at 255 bytes; longer tenants go by their digest. */
const MAX_DIRECTORY_NAME = 128;
const WRITER_DIGITS = 12;

export interface FileKeyStoreOptions {
  /** How often to look for what other processes destroyed, milliseconds; 0: only when {@link FileKeyStore.refresh} is called. */
  readonly refreshMs?: number;
}

/**
 * Keys in files of a directory that only its owner may read: `master.key` (made at first start) wraps the
 * tenants' keys, those wrap the rest. Any number of processes may use one directory; each writes files of its own.
 *
 * Whoever copies the directory holds the keys: keep it, and its backups, apart from the journal's.
 */
export class FileKeyStore implements KeyStore {
  readonly #directory: string;
  readonly #masterKey: Uint8Array;
  readonly #tenants = new Map<string, TenantKeys>();
  readonly #timer: NodeJS.Timeout | undefined;
  erasures = 0;

  constructor(directory: string, { refreshMs = REFRESH_MS }: FileKeyStoreOptions = {}) {
    this.#directory = directory;
    makeDirectory(directory);
    this.#masterKey = masterKey(join(directory, 'master.key'), writerName());
    if (refreshMs > 0)
      this.#timer = setInterval(() => {
        this.refresh();
      }, refreshMs).unref();
  }

  prepare(tenant: string): Promise<void> {
    return this.#of(tenant).prepare();
  }

  mintThreadKeys(tenant: string, count: number): Promise<void> {
    return this.#of(tenant).mint(count);
  }

  takeThreadKey(tenant: string): KeyId {
    return this.#of(tenant).take();
  }

  mintSubjectKey(tenant: string): Promise<KeyId> {
    return this.#of(tenant).mintSubjectKey();
  }

  tenantKey(tenant: string): KeyId {
    return this.#of(tenant).tenantKey();
  }

  get(tenant: string, keyId: KeyId): KeyLookup {
    return this.#of(tenant).get(keyId);
  }

  async destroy(tenant: string, keyId: KeyId): Promise<void> {
    this.#of(tenant).destroy(keyId);
    this.erasures++;
  }

  /** Takes over what other processes destroyed. */
  refresh(): void {
    for (const keys of this.#tenants.values()) if (keys.refresh()) this.erasures++;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const keys of this.#tenants.values()) await keys.close();
  }

  #of(tenant: string): TenantKeys {
    let keys = this.#tenants.get(tenant);
    if (!keys) {
      const directory = join(this.#directory, directoryName(tenant));
      // A writer's name of its own for each tenant: a key's id means one key in the whole deployment. // I8
      keys = new TenantKeys(tenant, directory, writerName(), this.#masterKey);
      this.#tenants.set(tenant, keys);
    }
    return keys;
  }
}

function directoryName(tenant: string): string {
  const token = subjectToken(tenant);
  return token.length <= MAX_DIRECTORY_NAME ? `t-${token}` : `h-${sha256(tenant)}`;
}

function masterKey(path: string, unique: string): Uint8Array {
  let bytes = readIfThere(path);
  if (!bytes) {
    const fresh = Buffer.alloc(KEY_BYTES);
    sodium.randombytes_buf(fresh);
    bytes = createOnce(path, unique, fresh);
  }
  if (bytes.length !== KEY_BYTES) throw keyCorrupt('master');
  return bytes;
}

function writerName(): string {
  const random = Buffer.alloc(8);
  sodium.randombytes_buf(random);
  return random.readBigUInt64BE().toString(36).padStart(WRITER_DIGITS, '0').slice(-WRITER_DIGITS);
}
