/**
 * Group commit: one partition's tail, and the only way onto it.
 *
 * Owns: what waits, the one append in flight, what is durable. Does not own: the meaning of commits, leases.
 *
 * 1. One append in flight; what arrives meanwhile forms the next group. No timer: an idle writer flushes at the
 *    end of the event loop's turn, so that the commits of one turn share a group. What waits is not sent before
 *    the listener has heard of the group before. Then little waits for the end of the turn, for what the listener
 *    appends (measured: sending it at once gave half the commits a second at 50 runs, since a group costs an fsync
 *    whatever its size), and what is worth a group is sent: the next ones are decided while it is stored.
 * 2. A commit is durable when its group was acknowledged, or was found at the head under its own id. // I1
 * 3. Lost is for ever: nothing more is appended, reported or accepted. // I2
 */
import { randomUUID } from 'node:crypto';
import { type EncodedCommit } from '@summit/events';
import { type Digest } from '@summit/kernel';
import { DurableMark } from './durable-mark.ts';
import { commitTooLarge, journalLost } from './errors.ts';
import { FairQueue, type Pending } from './fair-queue.ts';
import { encodeGroup } from './group.ts';
import { type JournalListener } from './journal-listener.ts';
import { type JournalStore } from './journal-store.ts';
import { type JournalName, type RecoveredGroup, recoverJournal } from './recovery.ts';
import { settle } from './settle.ts';

/** A commit's line stays below this, bytes; what is larger is refused before it is taken. */
export const MAX_COMMIT_BYTES = 512 * 1024;
/** Room for a group's header line: five numbers, an id, a digest. */
const HEADER_BYTES = 512;

/**
 * So many commits are worth a group of their own. With 50 runs at once and no such number half of the groups held two
 * commits and the others all the rest, for which everybody waited: a tenth fewer steps a second.
 */
export const GROUP_WORTH_SENDING = 8;

/** Where a writer goes on. */
export interface JournalTail {
  /** Last sequence of the stream; 0 where it is empty. */
  readonly sequence: number;
  /** The next group's `prev`. */
  readonly digest: Digest;
  /** The reign to write under: the head's plus one. */
  readonly epoch: number;
}

/** What a writer needs of the world; the defaults are the real ones. */
export interface WriterShell {
  /** Calls back at the end of the current turn of the event loop. */
  readonly endOfTurn: (callback: () => void) => void;
  readonly wait: (ms: number) => Promise<void>;
  /** Never the same twice, whoever writes. */
  readonly groupId: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The shell of a real process. */
export const realShell: WriterShell = {
  endOfTurn: setImmediate,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  groupId: randomUUID,
  now: () => performance.now(),
};

export interface JournalWriterOptions extends JournalName {
  readonly store: JournalStore;
  readonly listener: JournalListener;
  readonly shell?: Partial<WriterShell>;
}

export class JournalWriter {
  readonly partition: number;
  readonly generation: number;
  /** The reign this writer writes under. */
  readonly epoch: number;
  readonly #store: JournalStore;
  readonly #listener: JournalListener;
  readonly #shell: WriterShell;
  readonly #maxCommitBytes: number;
  readonly #waiting = new FairQueue();
  readonly #durable = new DurableMark();
  #sequence: number;
  #digest: Digest;
  #ordinal = 0;
  #pendingBytes = 0;
  #scheduled = false;
  #inFlight = false;
  #lost: string | undefined;
  #drained: (() => void) | undefined;

  constructor(
    tail: JournalTail,
    { store, listener, partition, generation = 1, shell }: JournalWriterOptions,
  ) {
    this.partition = partition;
    this.generation = generation;
    this.epoch = tail.epoch;
    this.#sequence = tail.sequence;
    this.#digest = tail.digest;
    this.#store = store;
    this.#listener = listener;
    this.#shell = { ...realShell, ...shell };
    this.#maxCommitBytes = Math.min(MAX_COMMIT_BYTES, store.maxGroupBytes - HEADER_BYTES);
  }

  /**
   * Reads the whole journal, hands each checked group to `fold` (which may be a promise), and gives the writer that
   * goes on after it. The caller's first commit should be `LeaderElected{epoch: writer.epoch}`; beaten to it, the writer
   * is lost. Where other leaders may be at work, {@link takeOver} does it all.
   */
  static async open(
    options: JournalWriterOptions & { readonly fold: (group: RecoveredGroup) => unknown },
  ): Promise<JournalWriter> {
    const { sequence, digest, epoch } = await recoverJournal(options.store, options, options.fold);
    return new JournalWriter({ sequence, digest, epoch: epoch + 1 }, options);
  }

  /** Sequence of the last group known to be stored. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The ordinal up to which everything is durable. */
  get durable(): number {
    return this.#durable.upTo;
  }

  /** Commits taken and not yet durable: what a leader bounds while the journal is away. */
  get pending(): number {
    return this.#ordinal - this.#durable.count;
  }

  /** Their bytes. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /**
   * Takes a commit; its ordinal, from 1, dense. Durability is told to the listener, never promised here.
   * Throws `COMMIT_TOO_LARGE` (nothing was taken) and `JOURNAL_LOST`.
   */
  append(commit: EncodedCommit): number {
    if (this.#lost !== undefined) throw journalLost(this.partition, this.#lost);
    const bytes = commit.line.length + 1;
    if (bytes > this.#maxCommitBytes) throw commitTooLarge(commit.id, bytes - 1, this.#maxCommitBytes);
    const ordinal = ++this.#ordinal;
    this.#pendingBytes += bytes;
    this.#waiting.push({ commit, ordinal, bytes });
    this.#schedule();
    return ordinal;
  }

  /** Stops now and says nothing more; what is in flight may still land. For a leader that gives up its reign. */
  abandon(reason: string): void {
    this.#lost ??= reason;
    this.#drained?.();
  }

  /** Takes nothing more; resolves when all that was taken is durable, or the writer is lost. */
  async close(): Promise<void> {
    if (this.#lost === undefined && this.pending > 0) {
      await new Promise<void>((resolve) => (this.#drained = resolve));
    }
    this.abandon('it was closed');
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return;
    this.#scheduled = true;
    this.#shell.endOfTurn(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#lost !== undefined || this.#waiting.count === 0) return;
    this.#inFlight = true;
    try {
      do {
        await this.#storeGroup(this.#waiting.take(this.#store.maxGroupBytes - HEADER_BYTES));
      } while (this.#waiting.count >= GROUP_WORTH_SENDING && !this.lost);
    } catch (error) {
      this.#lose(`a defect: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#inFlight = false;
    if (this.#waiting.count > 0 && !this.lost) this.#schedule();
  }

  async #storeGroup(items: readonly Pending[]): Promise<void> {
    const { partition, generation, epoch } = this;
    const groupId = this.#shell.groupId();
    const header = { partition, generation, epoch, groupId, prev: this.#digest };
    const lineBytes = items.reduce(addBytes, 0);
    const { bytes, digest } = encodeGroup(header, items.map(commitOf), lineBytes);
    const started = this.#shell.now();
    const fate = await settle({
      store: this.#store,
      partition,
      bytes,
      groupId,
      expectedSequence: this.#sequence,
      wait: this.#shell.wait,
      stopped: () => this.lost,
      listener: this.#listener,
    });
    if (fate === 'stopped' || this.lost) return; // says nothing more
    if ('lost' in fate) {
      this.#lose(fate.lost);
      return;
    }
    this.#sequence = fate.landed;
    this.#digest = digest;
    const ms = this.#shell.now() - started;
    const told = { sequence: fate.landed, tries: fate.tries, ms };
    this.#listener.observe?.({ type: 'stored', digest, commits: items.length, bytes: bytes.length, ...told });
    this.#pendingBytes -= lineBytes;
    const ahead = this.#durable.add(items);
    this.#listener.onDurable(this.#durable.upTo, ahead, ms);
    if (this.pending === 0) this.#drained?.();
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#listener.observe?.({ type: 'lost', reason });
    this.#listener.onLost(reason);
    this.#drained?.();
  }
}

const addBytes = (sum: number, { bytes }: Pending): number => sum + bytes;
const commitOf = ({ commit }: Pending): EncodedCommit => commit;
