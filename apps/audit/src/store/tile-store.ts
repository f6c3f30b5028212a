import { type JournalPosition } from '@summit/journal';
import { type LogName, type StoredTile, type Tile } from '@summit/transparency-log';

/** Where the logs of one partition stand. */
export interface LogsPosition extends JournalPosition {
  readonly logs: readonly LogPosition[];
}

/** Where one log stands. */
export interface LogPosition {
  readonly tenant: string;
  readonly size: number;
  /** Digest of its last entry's commit. */
  readonly last: string;
  /** Hexadecimal; what the stored tiles must make at that size, else they are made again. */
  readonly root: string;
}

/**
 * Where tiles live: derived from the journal, rebuilt at will.
 *
 * An implementation MUST have a tile durable before {@link write} resolves; MUST show a tile whole or not at all;
 * MUST give the beginning of a wider tile for a narrower one (tiles only grow), so that every size that was signed
 * stays readable; MUST keep tenants apart; MAY forget partial tiles that a wider one covers. A position it MUST NOT
 * show before the tiles that were written ahead of it.
 */
export interface TileStore {
  write(log: LogName, tiles: readonly StoredTile[]): Promise<void>;
  /** Exactly `width` hashes, or the bundle of as many entries or more; undefined where they are not there. */
  read(log: LogName, tile: Tile): Promise<Uint8Array | undefined>;
  position(partition: number): Promise<LogsPosition | undefined>;
  move(partition: number, position: LogsPosition): Promise<void>;
  /** Forgets a partition's tiles and its position. */
  drop(partition: number): Promise<void>;
}
