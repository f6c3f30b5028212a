/**
 * Tiles (C2SP tlog-tiles): a log's tree cut into subtrees of height 8, so that it can be stored and served as files.
 * A tile of level 0 holds leaf hashes; one of level L the roots of full tiles of level L − 1.
 */
import { logMalformed } from './errors.ts';

/** Levels of the tree that a tile spans. */
export const TILE_HEIGHT = 8;
/** Hashes of a full tile. */
export const TILE_WIDTH = 256;

/** Names a tile, or a bundle of entries. */
export interface Tile {
  /** From 0; `entries` is the bundle of the entries below the tile of level 0. */
  readonly level: number | 'entries';
  /** Position in its level, from 0. */
  readonly index: number;
  /** Hashes that it holds: {@link TILE_WIDTH}, or fewer at the right edge. */
  readonly width: number;
}

/** Of the tile's level, how many hashes a tree of that size has: full tiles below count as one. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** How wide a tile is in a tree of that size; 0 where it has none. */
export function widthAt(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH));
}

/** How many levels of tiles a tree has. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (hashesAt(levels, size) > 0) levels++;
  return levels;
}

/** Its path below `tile/`: `0/x001/x234/067`, `entries/000.p/12`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/\d{3}/g) ?? [];
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `${String(level)}/${path}${width < TILE_WIDTH ? `.p/${String(width)}` : ''}`;
}

const PATH = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
/** Indices stay exact as numbers. */
const MAX_DIGITS = 15;

/** What a path names. Throws `LOG_MALFORMED` for one that {@link tilePath} would not write. */
export function parseTilePath(path: string): Tile {
  const match = PATH.exec(path);
  const digits = (match?.[2] ?? '').replaceAll(/[x/]/g, '');
  if (!match || digits.length > MAX_DIGITS)
    throw logMalformed(`tile path "${path.slice(0, 80)}"`, 'no such form');
  const level: Tile['level'] = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const tile = {
    level,
    index: Number(digits),
    width: match[3] === undefined ? TILE_WIDTH : Number(match[3]),
  };
  if (tilePath(tile) === path && tile.width <= TILE_WIDTH && (level === 'entries' || level < 64)) return tile;
  throw logMalformed(`tile path "${path}"`, 'it is not the shortest form, or out of range');
}
