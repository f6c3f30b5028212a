import { randomFillSync } from 'node:crypto';

/** Random bytes fetched from the system at once: one call for every few thousand ids instead of one each. */
const POOL_BYTES = 64 * 1024;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** `bytes` (at most 64) random bytes of the system's generator, hexadecimal. No byte is given out twice. */
export function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const text = pool.toString('hex', used, used + bytes);
  used += bytes;
  return text;
}
