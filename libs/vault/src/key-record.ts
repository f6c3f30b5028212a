/**
 * One key on disk: 128 bytes, so that a record never crosses a sector and destroying one is a single overwrite.
 *
 *   0 version (1) · 1 state · 2 kind · 3 zero · 4 nonce (24) · 28 wrapped key and tag (48) · 76 zero (48) ·
 *   124 CRC-32 of what stands before
 *
 * A destroyed record keeps its place, its kind and nothing else: erased is not unknown.
 */
import { crc32 } from 'node:zlib';
import sodium from 'sodium-native';
import { type KeyKind } from './key-store.ts';
import { KEY_BYTES } from './sealing.ts';

export const RECORD_BYTES = 128;

const VERSION = 1;
const LIVE = 1;
const ERASED = 2;
const KINDS: readonly KeyKind[] = ['tenant', 'thread', 'subject'];
const NONCE_AT = 4;
const WRAPPED_AT = 28;
const WRAPPED_END = 76;
const CHECKSUM_AT = 124;

/** Binds a wrapped key to its place: a record copied elsewhere does not open. */
export interface RecordName {
  readonly tenant: string;
  readonly keyId: string;
}

/** Writes a live record into `record`; `key` is wrapped by `wrapKey` under a random nonce (XChaCha20-Poly1305). */
export function writeRecord(
  record: Buffer,
  kind: KeyKind,
  name: RecordName,
  wrapKey: Uint8Array,
  key: Uint8Array,
): void {
  record.fill(0, 0, RECORD_BYTES);
  record[0] = VERSION;
  record[1] = LIVE;
  record[2] = KINDS.indexOf(kind);
  const nonce = record.subarray(NONCE_AT, WRAPPED_AT);
  sodium.randombytes_buf(nonce);
  const wrapped = record.subarray(WRAPPED_AT, WRAPPED_END);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    wrapped,
    key,
    associated(kind, name),
    null,
    nonce,
    wrapKey,
  );
  seal(record);
}

/** The record that stands where a key was destroyed. */
export function erasedRecord(record: Buffer): Buffer {
  const erased = Buffer.alloc(RECORD_BYTES);
  erased[0] = VERSION;
  erased[1] = ERASED;
  erased[2] = record[2] ?? 0;
  seal(erased);
  return erased;
}

export function isErased(record: Buffer): boolean {
  return record[1] === ERASED && isWhole(record);
}

/** Whether version and checksum hold: false for what a crash left half written. */
export function isWhole(record: Buffer): boolean {
  return record[0] === VERSION && record.readUInt32BE(CHECKSUM_AT) === crc32(record.subarray(0, CHECKSUM_AT));
}

/** The key of a live record, or undefined where its bytes do not check. */
export function readRecord(record: Buffer, name: RecordName, wrapKey: Uint8Array): Uint8Array | undefined {
  const kind = KINDS[record[2] ?? -1];
  if (!kind || record[1] !== LIVE || !isWhole(record)) return undefined;
  const key = Buffer.alloc(KEY_BYTES);
  const wrapped = record.subarray(WRAPPED_AT, WRAPPED_END);
  const nonce = record.subarray(NONCE_AT, WRAPPED_AT);
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      key,
      null,
      wrapped,
      associated(kind, name),
      nonce,
      wrapKey,
    );
  } catch {
    return undefined;
  }
  return key;
}

function seal(record: Buffer): void {
  record.writeUInt32BE(crc32(record.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
}

const associated = (kind: KeyKind, { tenant, keyId }: RecordName): Buffer =>
  Buffer.from(`${kind}\n${keyId}\n${tenant}`);
