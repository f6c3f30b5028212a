import { type Digest, RetryableError, sha256, TerminalError } from '@summit/kernel';

/**
 * Sealed payloads beside the journal, under `<tenant>/<digest>`. They are truth, kept as long as the journal is:
 * nothing is ever deleted or rewritten. Bytes are ciphertext: a store MUST NOT be given anything else. // I9
 */
export interface ObjectStore {
  /**
   * Resolves with the digest (SHA-256 of the bytes) once they are durable; storing them again changes nothing.
   * Rejects with `OBJECTS_UNREACHABLE`: whether they were stored is not known then.
   */
  put(tenant: string, bytes: Uint8Array): Promise<Digest>;
  /**
   * The tenant's bytes of that digest, checked. Rejects with `OBJECT_MISSING` where there are none, `OBJECT_BROKEN`
   * where they are not what was stored, `OBJECTS_UNREACHABLE`. // I8
   */
  get(tenant: string, digest: Digest): Promise<Uint8Array>;
}

/** Gives bytes that have their digest. Throws `OBJECT_MISSING`, `OBJECT_BROKEN`. */
export function checkedObject(digest: Digest, bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) {
    throw new TerminalError(
      'OBJECT_MISSING',
      `the object ${digest} is not there`,
      'Put the object store back from the backup that belongs to this journal.',
    );
  }
  if (sha256(bytes) === digest) return bytes;
  throw new TerminalError(
    'OBJECT_BROKEN',
    `the object ${digest} is not what was stored`,
    'Its bytes were changed; put the object store back from a backup.',
  );
}

/** The store did not answer, or not with an acknowledgement. */
export const objectsUnreachable = (why: string, cause?: unknown): RetryableError =>
  new RetryableError(
    'OBJECTS_UNREACHABLE',
    `the object store did not answer: ${why}`,
    'Try again; summit doctor shows the server, summit streams check its streams.',
    { cause },
  );
