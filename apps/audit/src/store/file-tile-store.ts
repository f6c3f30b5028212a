import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, isDigest, partitionToken } from '@summit/kernel';
import {
  HASH_BYTES,
  type LogName,
  type StoredTile,
  type Tile,
  TILE_WIDTH,
  tilePath,
} from '@summit/transparency-log';
import { z } from 'zod';
import { putFile, readIfThere, tenantDirectory } from './files.ts';
import { type LogsPosition, type TileStore } from './tile-store.ts';

const digest = z.string().refine(isDigest);
const positionSchema = z.strictObject({
  sequence: z.int().nonnegative(),
  digest,
  epoch: z.int().nonnegative(),
  logs: z.array(z.strictObject({ tenant: z.string(), size: z.int().positive(), last: digest, root: digest })),
});

/**
 * Tiles as files, as C2SP tlog-tiles names them: `<partition>/<tenant>/tile/0/x001/234`. The directory can be served
 * as it is by any web server that checks who asks.
 */
export class FileTileStore implements TileStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(log: LogName, tiles: readonly StoredTile[]): Promise<void> {
    await Promise.all(tiles.map((tile) => putFile(this.#path(log, tile), tile.bytes)));
    await Promise.all(tiles.map((tile) => this.#forgetNarrower(log, tile)));
  }

  /** What the wider one covers goes: whoever still wants it gets its beginning. */
  async #forgetNarrower(log: LogName, tile: Tile): Promise<void> {
    const partial = dirname(this.#path(log, { ...tile, width: 1 }));
    if (tile.width === TILE_WIDTH) {
      await rm(partial, { recursive: true, force: true });
      return;
    }
    const narrower = (await namesIn(partial)).filter((name) => Number(name) < tile.width);
    await Promise.all(narrower.map((name) => rm(join(partial, name), { force: true })));
  }

  async read(log: LogName, tile: Tile): Promise<Uint8Array | undefined> {
    const exact = await readIfThere(this.#path(log, tile));
    if (exact) return exact;
    const wider = await this.#wider(log, tile);
    return wider && (tile.level === 'entries' ? wider : wider.subarray(0, tile.width * HASH_BYTES));
  }

  async #wider(log: LogName, tile: Tile): Promise<Uint8Array | undefined> {
    const partial = dirname(this.#path(log, { ...tile, width: 1 }));
    const widths = (await namesIn(partial)).map(Number).filter((width) => width > tile.width);
    for (const width of [...widths, TILE_WIDTH]) {
      const bytes = await readIfThere(this.#path(log, { ...tile, width }));
      if (bytes) return bytes;
    }
    return undefined;
  }

  async position(partition: number): Promise<LogsPosition | undefined> {
    const text = (await readIfThere(this.#positionFile(partition)))?.toString('utf8');
    if (text === undefined) return undefined;
    const { success, data } = positionSchema.safeParse(jsonOf(text));
    return success ? data : undefined; // a damaged one is as good as none: all is made again
  }

  async move(partition: number, position: LogsPosition): Promise<void> {
    await putFile(this.#positionFile(partition), `${JSON.stringify(position)}\n`);
  }

  async drop(partition: number): Promise<void> {
    await rm(this.#positionFile(partition), { force: true }); // first: a position never outlives its tiles
    await rm(this.#partition(partition), { recursive: true, force: true });
  }

  #partition(partition: number): string {
    return join(this.#directory, partitionToken(partition));
  }

  #positionFile(partition: number): string {
    return join(this.#directory, `${partitionToken(partition)}.position.json`);
  }

  #path({ tenant, partition }: LogName, tile: Tile): string {
    return join(this.#partition(partition), tenantDirectory(tenant), 'tile', tilePath(tile));
  }
}

/** Widths of the partial tiles in a directory; drafts that a crash left are none. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => /^\d+$/.test(name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
