import { randomHex } from './random.ts';

const SALT_BYTES = 16;

/** A commit's salt: 16 random bytes, hexadecimal. Not secret; it stands in clear. */
export const newSalt = (): string => randomHex(SALT_BYTES);
