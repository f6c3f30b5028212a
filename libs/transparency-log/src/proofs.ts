/** Roots and proofs of a stored tree, made from its tiles: RFC 6962 §2.1, at any size that the tree had. */
import { EMPTY_ROOT, type Hash, HASH_BYTES, nodeHash, rootOfRow } from './hash.ts';
import { type ReadTile } from './growing-tree.ts';
import { TILE_HEIGHT, TILE_WIDTH, widthAt } from './tile.ts';

/** A tree of a certain size, of whose tiles each is read at most once. */
class TreeOfTiles {
  readonly #size: number;
  readonly #read: ReadTile;
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  constructor(size: number, read: ReadTile) {
    this.#size = size;
    this.#read = read;
  }

  /** MTH(D[from:to]), where the range is one that RFC 6962 asks for: it begins at a multiple of a power of 2. */
  async range(from: number, to: number): Promise<Hash> {
    const count = to - from;
    const left = largestPowerOf2(count);
    if (left === count) return this.#complete(from, count);
    const [one, other] = await Promise.all([this.#complete(from, left), this.range(from + left, to)]);
    return nodeHash(one, other);
  }

  /** A complete subtree: it lies within one tile. */
  async #complete(from: number, count: number): Promise<Hash> {
    const level = Math.floor(Math.log2(count) / TILE_HEIGHT);
    const below = TILE_WIDTH ** level;
    const first = from / below;
    const index = Math.floor(first / TILE_WIDTH);
    const tile = await this.#tile(level, index);
    const at = (first % TILE_WIDTH) * HASH_BYTES;
    return rootOfRow(tile.subarray(at, at + (count / below) * HASH_BYTES));
  }

  #tile(level: number, index: number): Promise<Uint8Array> {
    const name = `${String(level)} ${String(index)}`;
    let tile = this.#tiles.get(name);
    if (!tile) {
      tile = this.#read({ level, index, width: widthAt(level, index, this.#size) });
      this.#tiles.set(name, tile);
    }
    return tile;
  }
}

/** The largest power of 2 that is at most `count`. */
function largestPowerOf2(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

/** Where RFC 6962 splits a range of more than one: the largest power of 2 below its length. */
const splitOf = (count: number): number => largestPowerOf2(count - 1);

/** Root of a tree of that size. Rejects as `read` does. */
export async function rootAt(size: number, read: ReadTile): Promise<Hash> {
  return size === 0 ? EMPTY_ROOT : new TreeOfTiles(size, read).range(0, size);
}

/**
 * The audit path of a leaf (RFC 6962 §2.1.1), the leaf's sibling first. `index` must lie below `size`. Rejects as
 * `read` does.
 */
export async function inclusionProof(index: number, size: number, read: ReadTile): Promise<Hash[]> {
  const tree = new TreeOfTiles(size, read);
  const path: Promise<Hash>[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    path.push(index < middle ? tree.range(middle, to) : tree.range(from, middle));
    if (index < middle) to = middle;
    else from = middle;
  }
  return (await Promise.all(path)).toReversed();
}

/** That a tree of `size` leaves begins with one of `old` (RFC 6962 §2.1.2); 0 < old ≤ size. Rejects as `read` does. */
export async function consistencyProof(old: number, size: number, read: ReadTile): Promise<Hash[]> {
  if (old === 0 || old === size) return [];
  const tree = new TreeOfTiles(size, read);
  const path: Promise<Hash>[] = [];
  let [from, to] = [0, size];
  while (old !== to) {
    const middle = from + splitOf(to - from);
    path.push(old <= middle ? tree.range(middle, to) : tree.range(from, middle));
    if (old <= middle) to = middle;
    else from = middle;
  }
  if (from > 0) path.push(tree.range(from, to));
  return (await Promise.all(path)).toReversed();
}
