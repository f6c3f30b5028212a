import { type ReadTile } from './growing-tree.ts';
import { EMPTY_ROOT, type Hash, leafHash, nodeHash } from './hash.ts';
import { GrowingTree } from './growing-tree.ts';
import { type Tile, tilePath, TILE_WIDTH } from './tile.ts';

/** RFC 6962 §2.1, word by word: slow, and easy to believe. */
export function naiveRoot(leaves: readonly Hash[]): Hash {
  const [only] = leaves;
  if (!only) return EMPTY_ROOT;
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** RFC 6962 §2.1.1: PATH(m, D[n]). */
export function naivePath(m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return m < k ? [...naivePath(m, left), naiveRoot(right)] : [...naivePath(m - k, right), naiveRoot(left)];
}

/** RFC 6962 §2.1.2: SUBPROOF(m, D[n], b). */
export function naiveSubproof(m: number, leaves: readonly Hash[], whole = true): Hash[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  if (m <= k) return [...naiveSubproof(m, left, whole), naiveRoot(right)];
  return [...naiveSubproof(m - k, right, false), naiveRoot(left)];
}

function split(length: number): number {
  let k = 1;
  while (k * 2 < length) k *= 2;
  return k;
}

/** Entries that are easy to tell apart. */
export const entriesOf = (count: number, salt = ''): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Buffer.from(`entry ${String(i)}${salt}`));

export const leavesOf = (entries: readonly Uint8Array[]): Hash[] => entries.map(leafHash);

/** Tiles as a store keeps them: by path; a narrower partial tile is the beginning of a wider one. */
export class TilesInMemory {
  readonly tiles = new Map<string, Uint8Array>();
  readonly reads: string[] = [];

  /** Stores what a tree has at its present size. */
  store(tree: GrowingTree): void {
    for (const tile of [...tree.takeFull(), ...tree.edge()]) this.tiles.set(tilePath(tile), tile.bytes);
  }

  readonly read: ReadTile = async (tile: Tile) => {
    this.reads.push(tilePath(tile));
    for (let width = tile.width; width <= TILE_WIDTH; width++) {
      const bytes = this.tiles.get(tilePath({ ...tile, width }));
      if (bytes) return tile.level === 'entries' ? bytes : bytes.subarray(0, tile.width * 32);
    }
    throw new Error(`no tile ${tilePath(tile)}`);
  };
}

/** A tree of these entries, its tiles stored whenever `at` says so, and at the end. */
export function grow(
  entries: readonly Uint8Array[],
  at: readonly number[] = [],
): { tree: GrowingTree; tiles: TilesInMemory } {
  const tree = GrowingTree.empty();
  const tiles = new TilesInMemory();
  for (const [i, entry] of entries.entries()) {
    tree.append(entry);
    if (at.includes(i + 1)) tiles.store(tree);
  }
  tiles.store(tree);
  return { tree, tiles };
}
