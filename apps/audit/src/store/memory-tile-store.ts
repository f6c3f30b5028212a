import {
  HASH_BYTES,
  type LogName,
  type StoredTile,
  type Tile,
  TILE_WIDTH,
  tilePath,
} from '@summit/transparency-log';
import { type LogsPosition, type TileStore } from './tile-store.ts';

/** The in-memory twin. `fail` is asked before each write and may throw: then nothing was written. */
export class MemoryTileStore implements TileStore {
  readonly tiles = new Map<string, Uint8Array>();
  readonly positions = new Map<number, LogsPosition>();
  fail: () => void = () => undefined;

  async write(log: LogName, tiles: readonly StoredTile[]): Promise<void> {
    for (const tile of tiles) {
      this.fail();
      this.tiles.set(nameOf(log, tile), Uint8Array.from(tile.bytes));
    }
  }

  async read(log: LogName, tile: Tile): Promise<Uint8Array | undefined> {
    for (let width = tile.width; width <= TILE_WIDTH; width++) {
      const bytes = this.tiles.get(nameOf(log, { ...tile, width }));
      if (bytes) return tile.level === 'entries' ? bytes : bytes.subarray(0, tile.width * HASH_BYTES);
    }
    return undefined;
  }

  async position(partition: number): Promise<LogsPosition | undefined> {
    return this.positions.get(partition);
  }

  async move(partition: number, position: LogsPosition): Promise<void> {
    this.fail();
    this.positions.set(partition, position);
  }

  async drop(partition: number): Promise<void> {
    this.positions.delete(partition);
    for (const name of this.tiles.keys())
      if (name.startsWith(`${String(partition)} `)) this.tiles.delete(name);
  }
}

const nameOf = ({ tenant, partition }: LogName, tile: Tile): string =>
  `${String(partition)} ${tilePath(tile)} ${tenant}`;
