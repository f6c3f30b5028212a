import { canonicalJson, type Digest, type Json, sha256 } from '@summit/kernel';

/** What a client compares the state it holds with: SHA-256 of its canonical JSON (RFC 8785). // C2.3 */
export function stateHash(state: Json): Digest {
  return sha256(canonicalJson(state));
}
