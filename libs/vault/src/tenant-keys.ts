/**
 * The keys of one tenant in a directory: its own key, the files of every writer, the pool of minted thread keys.
 *
 *   <dir>/tenant.key      one record, wrapped by the master key; made once, whoever is first
 *   <dir>/<writer>.keys   see {@link KeyFile}; wrapped by a key derived from the tenant's
 *   <dir>/erased          ids of destroyed keys, a line each: how other processes hear of it
 *
 * 1. A key's id names its place (`k_<writer>_<number>`), so nothing need be searched or indexed.
 * 2. The pool is refilled when half of it is gone. Where a burst is faster than the disk the next key is minted
 *    in the calling thread: slow once, never wrong, and the batch doubles.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { appendLine, createOnce, makeDirectory, overwrite, readIfThere } from './durable-files.ts';
import { keyCorrupt, keyUnknown, tenantErased } from './errors.ts';
import { KeyFile, type Range } from './key-file.ts';
import { erasedRecord, isErased, readRecord, RECORD_BYTES, writeRecord } from './key-record.ts';
import { type KeyId, type KeyKind, type KeyLookup } from './key-store.ts';
import { KEY_BYTES } from './sealing.ts';
import sodium from 'sodium-native';

const FIRST_BATCH = 64;
const LARGEST_BATCH = 1024;
const WRAP_CONTEXT = Buffer.from('summit/wrap/v1');
const KEY_ID = /^k_([0-9a-z]{12})_([0-9a-z]{1,8})$/;
const TENANT_KEY = 't_0';

/** The tenant's own key with what derives from it. */
interface Root {
  readonly key: Uint8Array;
  readonly wrapKey: Uint8Array;
}

export class TenantKeys {
  readonly #tenant: string;
  readonly #directory: string;
  readonly #writer: string;
  readonly #masterKey: Uint8Array;
  readonly #files = new Map<string, KeyFile>();
  readonly #pool: Range[] = [];
  #pooled = 0;
  #batch = FIRST_BATCH;
  #refill: Promise<void> | undefined;
  #root: Root | 'erased' | undefined;
  /** How much of the list of erased keys was taken over. */
  #erasedBytes = 0;

  constructor(tenant: string, directory: string, writer: string, masterKey: Uint8Array) {
    this.#tenant = tenant;
    this.#directory = directory;
    this.#writer = writer;
    this.#masterKey = masterKey;
  }

  async prepare(): Promise<void> {
    this.#usableRoot();
    if (this.#pooled === 0) await this.#replenish();
  }

  async mint(count: number): Promise<void> {
    this.#fillPool(await this.#ownFile().append(count, this.#filler('thread')));
  }

  async mintSubjectKey(): Promise<KeyId> {
    const { next } = await this.#ownFile().append(1, this.#filler('subject'));
    return this.#idOf(next);
  }

  take(): KeyId {
    this.#usableRoot();
    if (this.#pooled === 0) {
      this.#batch = Math.min(2 * this.#batch, LARGEST_BATCH);
      this.#fillPool(this.#ownFile().appendSync(this.#batch, this.#filler('thread')));
    }
    const range = this.#pool[0];
    if (!range) throw keyUnknown('of an empty pool');
    const index = range.next++;
    if (range.next === range.end) this.#pool.shift();
    this.#pooled--;
    if (this.#pooled < this.#batch >> 1) this.#refill ??= this.#refillAhead();
    return this.#idOf(index);
  }

  tenantKey(): KeyId {
    this.#usableRoot();
    return TENANT_KEY;
  }

  get(keyId: KeyId): KeyLookup {
    const root = this.#findRoot();
    if (root === undefined || keyId === TENANT_KEY) return root === 'erased' ? root : root?.key;
    const record = this.#record(keyId);
    if (!record) return undefined;
    if (root === 'erased' || isErased(record)) return 'erased';
    const key = readRecord(record, { tenant: this.#tenant, keyId }, root.wrapKey);
    if (!key) throw keyCorrupt(keyId);
    return key;
  }

  /** The record first, then the word to the others: whoever opens the directory later sees the record. */
  destroy(keyId: KeyId): void {
    const place = parseKeyId(keyId);
    if (keyId === TENANT_KEY && this.#findRoot() !== undefined) this.#destroyRoot();
    else if (place && this.#record(keyId)) this.#file(place.writer).erase(place.index);
    else throw keyUnknown(keyId);
    appendLine(join(this.#directory, 'erased'), keyId);
  }

  #destroyRoot(): void {
    const record = readIfThere(this.#rootPath());
    if (record) overwrite(this.#rootPath(), 0, erasedRecord(record));
    this.#root = 'erased';
  }

  /** Takes over what other processes destroyed; whether there was anything new. */
  refresh(): boolean {
    const path = join(this.#directory, 'erased');
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === this.#erasedBytes) return false;
    const lines = readIfThere(path)?.subarray(this.#erasedBytes).toString('latin1').split('\n') ?? [];
    lines.pop(); // empty, or a line that is still being written
    for (const keyId of lines) {
      this.#erasedBytes += keyId.length + 1;
      const place = parseKeyId(keyId);
      if (keyId === TENANT_KEY) this.#root = 'erased';
      else if (place) this.#file(place.writer).reread(place.index);
    }
    return lines.length > 0;
  }

  async close(): Promise<void> {
    await this.#refill?.catch(() => undefined);
    for (const file of this.#files.values()) file.close();
  }

  /** A failed refill is no failure of the caller: the next taker finds the pool dry and meets the disk itself. */
  #refillAhead(): Promise<void> {
    return this.#replenish()
      .catch(() => undefined)
      .finally(() => (this.#refill = undefined));
  }

  async #replenish(): Promise<void> {
    await this.mint(this.#batch);
  }

  #fillPool(range: Range): void {
    this.#pooled += range.end - range.next;
    this.#pool.push(range);
  }

  #filler(kind: KeyKind): (record: Buffer, index: number) => void {
    const { wrapKey } = this.#usableRoot();
    const key = Buffer.alloc(KEY_BYTES);
    return (record, index) => {
      sodium.randombytes_buf(key);
      writeRecord(record, kind, { tenant: this.#tenant, keyId: this.#idOf(index) }, wrapKey, key);
    };
  }

  #idOf(index: number): KeyId {
    return `k_${this.#writer}_${index.toString(36)}`;
  }

  #record(keyId: KeyId): Buffer | undefined {
    const place = parseKeyId(keyId);
    return place && this.#file(place.writer).record(place.index);
  }

  #ownFile(): KeyFile {
    this.#usableRoot();
    return this.#file(this.#writer);
  }

  #file(writer: string): KeyFile {
    let file = this.#files.get(writer);
    if (!file) this.#files.set(writer, (file = new KeyFile(join(this.#directory, `${writer}.keys`))));
    return file;
  }

  #rootPath(): string {
    return join(this.#directory, 'tenant.key');
  }

  /** The tenant's key, made where there is none yet. */
  #usableRoot(): Root {
    const root = this.#findRoot() ?? this.#makeRoot();
    if (root === 'erased') throw tenantErased(this.#tenant);
    return root;
  }

  #findRoot(): Root | 'erased' | undefined {
    if (this.#root !== undefined) return this.#root;
    const record = readIfThere(this.#rootPath());
    return record && (this.#root = this.#readRoot(record));
  }

  #makeRoot(): Root | 'erased' {
    makeDirectory(this.#directory);
    const record = Buffer.alloc(RECORD_BYTES);
    const key = Buffer.alloc(KEY_BYTES);
    sodium.randombytes_buf(key);
    writeRecord(record, 'tenant', { tenant: this.#tenant, keyId: TENANT_KEY }, this.#masterKey, key);
    return (this.#root = this.#readRoot(createOnce(this.#rootPath(), this.#writer, record)));
  }

  #readRoot(record: Buffer): Root | 'erased' {
    if (record.length === RECORD_BYTES && isErased(record)) return 'erased';
    const name = { tenant: this.#tenant, keyId: TENANT_KEY };
    const key = record.length === RECORD_BYTES ? readRecord(record, name, this.#masterKey) : undefined;
    if (!key) throw keyCorrupt(TENANT_KEY);
    const wrapKey = Buffer.alloc(KEY_BYTES);
    sodium.crypto_generichash(wrapKey, WRAP_CONTEXT, key);
    return { key, wrapKey };
  }
}

function parseKeyId(keyId: KeyId): { writer: string; index: number } | undefined {
  const match = KEY_ID.exec(keyId);
  return match ? { writer: match[1] ?? '', index: Number.parseInt(match[2] ?? '', 36) } : undefined;
}
