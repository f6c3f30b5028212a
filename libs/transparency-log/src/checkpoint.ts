/** Checkpoints (C2SP tlog-checkpoint): what the text of a signed note says of a tree at one size. */
import { fromBase64, toBase64 } from './base64.ts';
import { logMalformed } from './errors.ts';
import { type Hash, HASH_BYTES } from './hash.ts';

/** A tree head. */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  readonly root: Hash;
}

/** The text to sign, three lines. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${String(size)}\n${toBase64(root)}\n`;
}

/** Reads the text of a note; extension lines are ignored. Throws `LOG_MALFORMED`. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', hash = '', ...more] = text.split('\n');
  const root = fromBase64(hash);
  const lines = more.at(-1) === '' && more.slice(0, -1).every((line) => line !== '');
  if (origin === '' || !/^(0|[1-9]\d{0,14})$/.test(size) || root?.length !== HASH_BYTES || !lines) {
    throw logMalformed('a checkpoint', 'it is not origin, size and root, a line each');
  }
  return { origin, size: Number(size), root };
}
