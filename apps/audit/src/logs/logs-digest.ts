import { createHash } from 'node:crypto';
import {
  digestOf,
  hashesAt,
  levelsOf,
  rootAt,
  TILE_WIDTH,
  type LogName,
  type ReadTile,
} from '@summit/transparency-log';
import { type TileStore } from '../store/tile-store.ts';
import { tileMissing } from './errors.ts';

/** One log as it stood at a size. */
export interface LogAt extends LogName {
  readonly size: number;
}

/** What two builds of the same logs have in common: root and full tiles of each, at the given sizes. // I7 */
export async function logsDigest(tiles: TileStore, logs: readonly LogAt[]): Promise<string> {
  const digest = createHash('sha256');
  for (const { size, ...name } of logs.toSorted(byName)) {
    const read = reader(tiles, name);
    digest.update(
      `${String(name.partition)} ${name.tenant} ${String(size)} ${digestOf(await rootAt(size, read))}\n`,
    );
    for (let level = 0; level < levelsOf(size); level++) {
      const full = Math.floor(hashesAt(level, size) / TILE_WIDTH);
      for (let index = 0; index < full; index++) {
        digest.update(await read({ level, index, width: TILE_WIDTH }));
        if (level === 0) digest.update(await read({ level: 'entries', index, width: TILE_WIDTH }));
      }
    }
  }
  return digest.digest('hex');
}

/** Reads a log's tiles. Rejects with `TILE_MISSING`. */
export function reader(tiles: TileStore, name: LogName): ReadTile {
  return async (tile) => {
    const bytes = await tiles.read(name, tile);
    if (bytes) return bytes;
    throw tileMissing(tile);
  };
}

const byName = (one: LogName, other: LogName): number =>
  one.partition - other.partition || (one.tenant < other.tenant ? -1 : 1);
