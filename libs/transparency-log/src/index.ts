export { decodeBundle, encodeBundle } from './bundle.ts';
export { type Checkpoint, encodeCheckpoint, parseCheckpoint } from './checkpoint.ts';
export { GrowingTree, type ReadTile, type StoredTile } from './growing-tree.ts';
export { EMPTY_ROOT, type Hash, HASH_BYTES, leafHash, nodeHash, sameHash } from './hash.ts';
export { digestOf, entryOf, headOrigin, type LogName, logOrigin } from './journal-log.ts';
export {
  encodeVerifierKey,
  type Note,
  type NoteKey,
  noteKeyId,
  type NoteSignature,
  type NoteSigner,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
  type VerifySignature,
} from './note.ts';
export { encodeProof, type LogProof, parseProof } from './proof-text.ts';
export { consistencyProof, inclusionProof, rootAt } from './proofs.ts';
export { hashesAt, levelsOf, parseTilePath, type Tile, TILE_WIDTH, tilePath, widthAt } from './tile.ts';
export { type Consistency, type Inclusion, verifyConsistency, verifyInclusion } from './verify.ts';
