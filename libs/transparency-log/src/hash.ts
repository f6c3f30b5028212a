import { sha256Bytes } from '@summit/kernel';

/** A SHA-256 hash: 32 bytes. Never change one that was handed out. */
export type Hash = Uint8Array;

/** Bytes of a {@link Hash}. */
export const HASH_BYTES = 32;

/** Root of the tree without leaves (RFC 6962 §2.1): the hash of nothing. */
export const EMPTY_ROOT: Hash = sha256Bytes(new Uint8Array());

/** Domain separation (RFC 6962 §2.1): without it a node could be passed off as an entry. */
const LEAF = 0x00;
const NODE = 0x01;

/** Hash of an entry: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Hash {
  const input = new Uint8Array(1 + entry.length);
  input[0] = LEAF;
  input.set(entry, 1);
  return sha256Bytes(input);
}

/** One buffer for all nodes: it is hashed before anybody else runs, and a log makes one node for each leaf. */
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE;

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256Bytes(nodeInput);
}

export function sameHash(one: Hash, other: Hash): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Root of hashes that lie side by side, as many as a power of two; a row of one is its own root. */
export function rootOfRow(row: Uint8Array): Hash {
  let hashes = Array.from({ length: row.length / HASH_BYTES }, (_, i) =>
    row.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  while (hashes.length > 1) {
    const parents: Hash[] = [];
    for (let i = 0; i < hashes.length; i += 2) {
      const [left, right] = [hashes[i], hashes[i + 1]];
      if (left && right) parents.push(nodeHash(left, right));
    }
    hashes = parents;
  }
  return hashes[0] ?? EMPTY_ROOT;
}
