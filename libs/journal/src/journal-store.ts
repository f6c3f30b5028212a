/** What came of an append. Only `stored` is success; of every other one nobody knows whether it landed. */
export type AppendOutcome =
  | { readonly status: 'stored'; readonly sequence: number }
  /** The server answered, and its answer was no acknowledgement. */
  | { readonly status: 'refused'; readonly code: string; readonly message: string }
  /** No answer: timeout, disconnect, nobody there. */
  | { readonly status: 'unanswered'; readonly code: string; readonly message: string };

/** One stored message of a partition. */
export interface StoredGroup {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** A stored message as it reaches who follows the stream. */
export interface TailedGroup extends StoredGroup {
  /** How many more there were behind it when it was sent. */
  readonly pending: number;
}

/**
 * One generation of one partition's stream. Sequences start at 1 and have no holes.
 *
 * An implementation MUST store an append only where `expectedSequence` is the last one stored; MUST answer
 * `stored` only when the bytes are on the disk of enough servers; MAY store an append whose answer was not
 * `stored`, even later; MUST read the head from whoever decides about appends, never from a follower or cache;
 * MUST show in {@link tail} only what is on the disk of enough servers.
 */
export interface JournalStore {
  /** The most bytes a group may have. */
  readonly maxGroupBytes: number;
  append(bytes: Uint8Array, expectedSequence: number): Promise<AppendOutcome>;
  /** The last group, or undefined where there is none. Rejects where the leader can not be reached: try again. */
  head(): Promise<StoredGroup | undefined>;
  /** One group, or undefined where it is not there (yet). Rejects likewise. */
  get(sequence: number): Promise<StoredGroup | undefined>;
  /** Everything from a sequence up to the head at the time of the call, in order, without holes. Rejects likewise. */
  read(fromSequence: number): AsyncIterable<StoredGroup>;
  /**
   * Everything from a sequence on, then what is appended from now on: in order, without holes or repeats, through
   * outages of any length, no faster than it is taken. Ends when it is aborted.
   */
  tail(fromSequence: number, signal: AbortSignal): AsyncIterable<TailedGroup>;
}
