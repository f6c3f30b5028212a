import { type ReadTile } from '@summit/transparency-log';
import { type Place } from './place.ts';

/** A group as it is to be checked. */
export interface PlacedGroup {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Where its first byte stands in an export. */
  readonly offset?: number;
  /** Its part of an export, with the line before it. */
  readonly whole?: Place;
}

/** One tenant's log in a partition, as it was kept. */
export interface LogMaterial {
  readonly tenant: string;
  /** Signed notes, oldest first. */
  readonly checkpoints: readonly string[];
  /** The log's own entries, digests by index; absent where they are not there. */
  readonly entries?: readonly string[];
  /** The place of a checkpoint or an entry by its index; of the whole part without one. */
  place(part: 'checkpoints' | 'entries', index?: number): Place;
  /** Stored tiles, where they are there to be compared. */
  readonly readTile?: ReadTile;
}

/** What there is of one partition. */
export interface PartitionMaterial {
  readonly partition: number;
  readonly generation: number;
  readonly groups: () => AsyncIterable<PlacedGroup>;
  /** The signed head of the journal, and its place; absent where nothing was signed. */
  readonly head?: { readonly note: string; readonly place: Place };
  readonly logs: readonly LogMaterial[];
}

/** A whole journal: of a stack, or of an export. */
export interface JournalMaterial {
  readonly partitions: readonly PartitionMaterial[];
  /** The key (32 bytes) that the notes are to be signed with; absent where none is known. */
  readonly publicKey?: Uint8Array;
  /** Where that key stands in an export. */
  readonly keyPlace?: Place;
  /** What about it could not be checked, as sentences. */
  readonly unchecked: readonly string[];
  close(): Promise<void>;
}
