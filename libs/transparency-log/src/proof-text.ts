/** Proofs as text that is verified offline (C2SP tlog-proof). */
import { fromBase64, toBase64 } from './base64.ts';
import { logMalformed } from './errors.ts';
import { type Hash, HASH_BYTES } from './hash.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

/** An inclusion proof with the checkpoint that it leads to. */
export interface LogProof {
  readonly index: number;
  /** The leaf's sibling first. */
  readonly proof: readonly Hash[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** The text of a `.tlog-proof` file. */
export function encodeProof({ index, proof, checkpoint }: LogProof): string {
  const lines = [FIRST_LINE, `index ${String(index)}`, ...proof.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads one; a line `extra` is ignored, as nobody signed it. Throws `LOG_MALFORMED`. */
export function parseProof(text: string): LogProof {
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(0, end)).split('\n');
  if (lines[0]?.startsWith('extra ') === true) lines.shift();
  const index = /^index (0|[1-9]\d{0,14})$/.exec(lines.shift() ?? '')?.[1];
  if (first !== FIRST_LINE || index === undefined)
    throw logMalformed('a proof', 'its first lines are others');
  return { index: Number(index), proof: lines.map(hashOf), checkpoint: text.slice(end + 2) };
}

function hashOf(line: string): Hash {
  const hash = fromBase64(line);
  if (hash?.length === HASH_BYTES) return hash;
  throw logMalformed('a proof', 'a line is not the base64 of a hash');
}
