/**
 * Bundles of entries (C2SP tlog-tiles, "Log entries"): each entry with its length before it, two bytes, the higher
 * one first. A bundle lies beside each tile of level 0.
 */
import { logMalformed } from './errors.ts';

const LENGTH_BYTES = 2;
const MAX_ENTRY_BYTES = 0xffff;

/** Throws `LOG_MALFORMED` for an entry that is too long. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw logMalformed('an entry', 'it has more than 65,535 bytes');
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** The entries of a bundle, or the first `count` of them. Throws `LOG_MALFORMED` where they are not all there. */
export function decodeBundle(bytes: Uint8Array, count = Infinity): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < count) {
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const end = at + LENGTH_BYTES + length;
    if (end > bytes.length) throw logMalformed('a bundle of entries', 'its last entry is cut off');
    entries.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  if (Number.isFinite(count) && entries.length < count) {
    throw logMalformed('a bundle of entries', `it has ${String(entries.length)} of ${String(count)} entries`);
  }
  return entries;
}
