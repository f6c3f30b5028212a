/**
 * Sealing of one commit's payload: XChaCha20-Poly1305 with a commitment to the key.
 *
 * Owns: the derivation, the blob's layout, one scratch buffer, the slab that lines are written into. Does not own: keys
 * and where they live.
 *
 * 1. `key ‖ commitment` = BLAKE2b-512(key = thread key, input = commit id (UTF-8) ‖ salt (16 raw bytes)).
 * 2. The nonce is 24 zero bytes: a commit's key seals one message and never another, since commit id and salt
 *    are in the derivation; a nonce would only make the same key usable twice, which nothing here does.
 * 3. The associated data is the clear part of the commit, exactly as stored.
 * 4. Stored: base64(commitment 32 ‖ ciphertext ‖ tag 16). AEADs alone do not commit to their key (a blob can be
 *    made to open under two); the commitment does, so a disclosed key can show one plaintext only.
 */
import { SEALED, SEALED_END, type SealContext } from '@summit/events';
import { TerminalError } from '@summit/kernel';
import sodium from 'sodium-native';

export const KEY_BYTES = 32;
const COMMITMENT_BYTES = 32;
const TAG_BYTES = 16;
const SALT_BYTES = 16;
const OVERHEAD = COMMITMENT_BYTES + TAG_BYTES;
const NONCE = new Uint8Array(24);

/** UTF-16 code units become at most this many bytes of UTF-8. */
const MAX_UTF8 = 3;
/** A scratch larger than this is not kept. */
const MAX_KEPT_SCRATCH = 4 * 1024 * 1024;

let scratch = Buffer.allocUnsafeSlow(64 * 1024);

function room(bytes: number): Buffer {
  if (bytes <= scratch.length) return scratch;
  const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
  if (larger.length <= MAX_KEPT_SCRATCH) scratch = larger;
  return larger;
}

/** Lines are written one behind the other into slabs; one lives as long as a line in it. Bytes. */
const SLAB_BYTES = 256 * 1024;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Of the line of a clear part and a plaintext; bytes. The plaintext stands in base64. */
function lineBytes(clear: number, plaintext: number): number {
  return clear + SEALED.length + 4 * Math.ceil((OVERHEAD + plaintext) / 3) + SEALED_END.length;
}

/** Where a line can be written in {@link slab}; counted where its length in UTF-16 units leaves a doubt. */
function slabRoom(clear: string, plaintext: string): number {
  const most = lineBytes(MAX_UTF8 * clear.length, MAX_UTF8 * plaintext.length);
  if (slabUsed + most <= slab.length) return slabUsed;
  const bytes = lineBytes(Buffer.byteLength(clear), Buffer.byteLength(plaintext));
  if (slabUsed + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(Math.max(bytes, SLAB_BYTES));
    slabUsed = 0;
  }
  return slabUsed;
}

const derived = Buffer.alloc(KEY_BYTES + COMMITMENT_BYTES);
const derivedKey = derived.subarray(0, KEY_BYTES);
const derivedCommitment = derived.subarray(KEY_BYTES);
const derivationInput = Buffer.alloc(1024);

/** Fills {@link derived} for one commit; valid until the next call. */
function derive(threadKey: Uint8Array, commitId: string, salt: string): void {
  const idBytes = derivationInput.write(commitId, 0, 'utf8');
  const saltBytes = derivationInput.write(salt, idBytes, 'hex');
  if (
    saltBytes !== SALT_BYTES ||
    salt.length !== 2 * SALT_BYTES ||
    derivationInput.length < idBytes + 3 * SALT_BYTES
  ) {
    throw broken(commitId, 'its salt is not 16 bytes, or its id is too long');
  }
  sodium.crypto_generichash(derived, derivationInput.subarray(0, idBytes + saltBytes), threadKey);
}

/** Seals `plaintext` for one commit under its thread's key; base64. Each (commit id, salt) must be used once. */
export function seal(
  threadKey: Uint8Array,
  context: SealContext,
  associated: string,
  plaintext: string,
): string {
  return sealBound(threadKey, context, Buffer.from(associated), plaintext);
}

/**
 * A commit's line in UTF-8: what `withSealed` of `@summit/events` makes of `clear` and of `plaintext`, sealed as by
 * {@link seal}. It shares its memory with the lines before and after it.
 */
export function sealLine(
  threadKey: Uint8Array,
  context: SealContext,
  clear: string,
  plaintext: string,
): Uint8Array {
  const start = slabRoom(clear, plaintext);
  const clearEnd = start + slab.write(clear, start, 'utf8');
  const sealed = sealBound(threadKey, context, slab.subarray(start, clearEnd), plaintext);
  let at = clearEnd - 1; // in the place of the closing brace
  at += slab.write(SEALED, at, 'latin1');
  at += slab.write(sealed, at, 'latin1');
  at += slab.write(SEALED_END, at, 'latin1');
  slabUsed = at;
  return slab.subarray(start, at);
}

function sealBound(
  threadKey: Uint8Array,
  { commitId, salt }: SealContext,
  associated: Uint8Array,
  plaintext: string,
): string {
  derive(threadKey, commitId, salt);
  const buffer = room(MAX_UTF8 * plaintext.length + OVERHEAD);
  buffer.set(derivedCommitment);
  const textEnd = COMMITMENT_BYTES + buffer.write(plaintext, COMMITMENT_BYTES, 'utf8');
  const blobEnd = textEnd + TAG_BYTES;
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    buffer.subarray(COMMITMENT_BYTES, blobEnd),
    buffer.subarray(COMMITMENT_BYTES, textEnd),
    associated,
    null,
    NONCE,
    derivedKey,
  );
  return buffer.toString('base64', 0, blobEnd);
}

/** The plaintext of a blob made by {@link seal}. Throws {@link TerminalError} `SEAL_BROKEN`. */
export function open(
  threadKey: Uint8Array,
  context: SealContext,
  associated: string,
  sealed: string,
): string {
  derive(threadKey, context.commitId, context.salt);
  return openDerived(context.commitId, associated, sealed);
}

function openDerived(commitId: string, associated: string, sealed: string): string {
  const buffer = room(MAX_UTF8 * associated.length + sealed.length);
  const blobAt = buffer.write(associated, 0, 'utf8');
  const blobEnd = blobAt + buffer.write(sealed, blobAt, 'base64');
  if (blobEnd - blobAt < OVERHEAD) throw broken(commitId, 'its sealed part is too short');
  const textAt = blobAt + COMMITMENT_BYTES;
  if (!sodium.sodium_memcmp(buffer.subarray(blobAt, textAt), derivedCommitment)) {
    throw broken(
      commitId,
      'it was sealed under another key, for another commit, or its commitment was changed',
    );
  }
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      buffer.subarray(textAt, blobEnd - TAG_BYTES),
      null,
      buffer.subarray(textAt, blobEnd),
      buffer.subarray(0, blobAt),
      NONCE,
      derivedKey,
    );
  } catch {
    throw broken(commitId, 'its clear part or its sealed part was changed');
  }
  return buffer.toString('utf8', textAt, blobEnd - TAG_BYTES);
}

/** What opens this one commit and no other, for an evidence pack: 64 bytes, key ‖ commitment. */
export function disclose(threadKey: Uint8Array, commitId: string, salt: string): Uint8Array {
  derive(threadKey, commitId, salt);
  return Uint8Array.from(derived);
}

/** Opens with what {@link disclose} gave. Throws {@link TerminalError} `SEAL_BROKEN`. */
export function openDisclosed(
  disclosed: Uint8Array,
  commitId: string,
  associated: string,
  sealed: string,
): string {
  if (disclosed.length !== derived.length) throw broken(commitId, 'the disclosed key is not 64 bytes');
  derived.set(disclosed);
  return openDerived(commitId, associated, sealed);
}

const broken = (commitId: string, why: string): TerminalError =>
  new TerminalError(
    'SEAL_BROKEN',
    `the payload of commit ${commitId} does not open: ${why}`,
    'Run summit verify --journal to see whether stored bytes were changed, and check that the key directory belongs to this deployment.',
  );
