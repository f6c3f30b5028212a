import { openCheckpoint } from '@summit/audit';
import { hasCode, isDigest, partitionToken, subjectToken } from '@summit/kernel';
import {
  type Checkpoint,
  entryOf,
  GrowingTree,
  parseNote,
  sameHash,
  type StoredTile,
  TILE_WIDTH,
} from '@summit/transparency-log';
import { type LogMaterial } from './material.ts';
import { Found } from './place.ts';

/** A log whose signatures hold. */
export interface SignedLog {
  readonly log: LogMaterial;
  /** Oldest first; their sizes grow. */
  readonly checkpoints: readonly Checkpoint[];
}

/** Checks every signature of a log's checkpoints, and that they are of this log. Throws {@link Found}. */
export function checkSignatures(log: LogMaterial, partition: number, publicKey: Uint8Array): SignedLog {
  const suffix = `/log/${subjectToken(log.tenant)}/${partitionToken(partition)}`;
  const checkpoints: Checkpoint[] = [];
  for (const [i, note] of log.checkpoints.entries()) {
    const checkpoint = signedBy(publicKey, note);
    const place = log.place('checkpoints', i);
    if (!checkpoint) throw new Found(place, 'the checkpoint is not signed by the key of the logs');
    if (!checkpoint.origin.endsWith(suffix))
      throw new Found(log.place('checkpoints'), 'they are checkpoints of another log');
    if (checkpoint.size <= (checkpoints.at(-1)?.size ?? 0))
      throw new Found(place, 'the checkpoint is not of a later size than the one before');
    checkpoints.push(checkpoint);
  }
  return { log, checkpoints };
}

/** What a note says, where this key signed it under the note's own first line. */
export function signedBy(publicKey: Uint8Array, note: string): Checkpoint | undefined {
  try {
    const { text, signatures } = parseNote(note);
    const name = text.slice(0, text.indexOf('\n'));
    return signatures.length === 1 ? openCheckpoint(note, { name, publicKey }) : undefined;
  } catch (error) {
    if (hasCode(error, 'LOG_MALFORMED')) return undefined;
    throw error;
  }
}

/** The first checkpoint that these digests do not make, by index; −1 where they make all. */
export function firstOther(digests: readonly string[], checkpoints: readonly Checkpoint[]): number {
  const tree = GrowingTree.empty();
  for (const [i, { size, root }] of checkpoints.entries()) {
    if (size > digests.length) return i;
    for (const digest of digests.slice(tree.size, size)) {
      if (!isDigest(digest)) return i;
      tree.append(entryOf(digest));
    }
    tree.takeFull();
    if (!sameHash(tree.root(), root)) return i;
  }
  return -1;
}

/** Compares every stored tile and bundle with what the digests make; how many there are. Throws {@link Found}. */
export async function checkTiles(
  log: LogMaterial,
  partition: number,
  digests: readonly string[],
): Promise<number> {
  const { readTile, tenant } = log;
  if (!readTile) return 0;
  const tree = GrowingTree.empty();
  let count = 0;
  const compare = async (tile: StoredTile): Promise<void> => {
    const stored = await readTile(tile).catch(() => undefined);
    count += 1;
    if (stored && Buffer.from(stored.subarray(0, tile.bytes.length)).equals(tile.bytes)) return;
    const name = `${String(tile.level)}/${String(tile.index)}`;
    throw new Found(
      { partition, tenant, section: `tile ${name}` },
      'the stored tile is not what the journal makes: summit rebuild audit',
    );
  };
  for (const digest of digests) {
    tree.append(entryOf(digest));
    if (tree.size % TILE_WIDTH === 0) for (const tile of tree.takeFull()) await compare(tile);
  }
  for (const tile of tree.edge()) await compare(tile);
  return count;
}
