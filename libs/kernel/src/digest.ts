import { hash } from 'node:crypto';

/** A SHA-256 digest (FIPS 180-4) as 64 lower-case hexadecimal digits. */
export type Digest = string;

/** 32 zero bytes: the `prev` of the very first group and of a tenant's first commit. */
export const ZERO_DIGEST: Digest = '0'.repeat(64);

/** SHA-256 of bytes, or of the UTF-8 encoding of a text. */
export function sha256(data: string | Uint8Array): Digest {
  return hash('sha256', data, 'hex');
}

/** SHA-256 of bytes, as 32 bytes. */
export function sha256Bytes(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer');
}

const DIGEST = /^[0-9a-f]{64}$/;

/** Whether a text is written as a {@link Digest}. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}
