/**
 * A tree that grows at its right edge.
 *
 * Owns: the tiles of the right edge, at most 255 hashes a level, and what was completed since it was last taken.
 * Does not own: what was completed before; that lies in files, and is never needed to grow.
 * 1. The edge of level L holds the hashes at that level behind its last full tile (RFC 6962 §2.1, tlog-tiles).
 * 2. A tile that becomes full leaves the edge, and its root joins the edge above.
 */
import { decodeBundle, encodeBundle } from './bundle.ts';
import { EMPTY_ROOT, type Hash, HASH_BYTES, leafHash, nodeHash, rootOfRow } from './hash.ts';
import { hashesAt, levelsOf, type Tile, TILE_WIDTH, widthAt } from './tile.ts';

/** A tile, or a bundle of entries, with its bytes. */
export interface StoredTile extends Tile {
  readonly bytes: Uint8Array;
}

/** Gives the bytes of a tile or of a bundle that the tree has. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

export class GrowingTree {
  readonly #edges: Hash[][];
  #entries: Uint8Array[];
  #full: StoredTile[] = [];
  #size: number;

  private constructor(size: number, edges: Hash[][], entries: Uint8Array[]) {
    this.#size = size;
    this.#edges = edges;
    this.#entries = entries;
  }

  static empty(): GrowingTree {
    return new GrowingTree(0, [], []);
  }

  /** Goes on at a size whose tiles are stored. Rejects as `read` does, and with `LOG_MALFORMED`. */
  static async restore(size: number, read: ReadTile): Promise<GrowingTree> {
    const edges: Hash[][] = [];
    for (let level = 0; level < levelsOf(size); level++) {
      const index = Math.floor(hashesAt(level, size) / TILE_WIDTH);
      const width = widthAt(level, index, size);
      edges.push(width === 0 ? [] : rowOf(await read({ level, index, width })));
    }
    const index = Math.floor(size / TILE_WIDTH);
    const width = size % TILE_WIDTH;
    const entries = width === 0 ? [] : decodeBundle(await read({ level: 'entries', index, width }), width);
    return new GrowingTree(size, edges, entries);
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  append(entry: Uint8Array): void {
    this.#entries.push(entry);
    this.#size += 1;
    if (this.#entries.length === TILE_WIDTH) {
      const index = this.#size / TILE_WIDTH - 1;
      this.#full.push({ level: 'entries', index, width: TILE_WIDTH, bytes: encodeBundle(this.#entries) });
      this.#entries = [];
    }
    this.#push(0, leafHash(entry));
  }

  #push(level: number, hash: Hash): void {
    const edge = (this.#edges[level] ??= []);
    edge.push(hash);
    if (edge.length < TILE_WIDTH) return;
    const bytes = bytesOf(edge);
    const index = hashesAt(level, this.#size) / TILE_WIDTH - 1;
    this.#full.push({ level, index, width: TILE_WIDTH, bytes });
    this.#edges[level] = [];
    this.#push(level + 1, rootOfRow(bytes)); // 2
  }

  /** The root (RFC 6962 §2.1): complete subtrees of falling height, joined from the right. */
  root(): Hash {
    let root: Hash | undefined;
    for (const edge of this.#edges) {
      let right = edge.length;
      for (let width = 1; right > 0; width *= 2) {
        if ((right & width) === 0) continue;
        const subtree = rootOfRow(bytesOf(edge.slice(right - width, right)));
        root = root ? nodeHash(subtree, root) : subtree;
        right -= width;
      }
    }
    return root ?? EMPTY_ROOT;
  }

  /** Tiles and bundles that became full since the last call. */
  takeFull(): StoredTile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The partial tiles and bundle of the right edge, as they are now. */
  edge(): StoredTile[] {
    const tiles = this.#edges.map((edge, level): StoredTile => {
      const index = Math.floor(hashesAt(level, this.#size) / TILE_WIDTH);
      return { level, index, width: edge.length, bytes: bytesOf(edge) };
    });
    const index = Math.floor(this.#size / TILE_WIDTH);
    const bundle = { level: 'entries' as const, index, width: this.#entries.length };
    return [...tiles, { ...bundle, bytes: encodeBundle(this.#entries) }].filter(({ width }) => width > 0);
  }

  /** The newest entry where it has not become part of a full bundle yet. */
  get newest(): Uint8Array | undefined {
    return this.#entries.at(-1);
  }
}

function bytesOf(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * HASH_BYTES);
  return bytes;
}

function rowOf(bytes: Uint8Array): Hash[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    Uint8Array.from(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  );
}
