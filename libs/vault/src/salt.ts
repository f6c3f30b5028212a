import sodium from 'sodium-native';

const SALT_BYTES = 16;
/** A call into the system's source of randomness costs more than the salt: 512 at a time. */
const pool = Buffer.alloc(512 * SALT_BYTES);
let next = pool.length;

/** A commit's salt: 16 random bytes, hexadecimal. Not secret; it stands in clear. */
export function newSalt(): string {
  if (next === pool.length) {
    sodium.randombytes_buf(pool);
    next = 0;
  }
  next += SALT_BYTES;
  return pool.toString('hex', next - SALT_BYTES, next);
}
