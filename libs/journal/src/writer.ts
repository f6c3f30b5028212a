/**
 * Group commit: one partition's tail, and the only way onto it.
 *
 * Owns: what waits, the one append in flight, what came of it. Does not own: the meaning of commits, leases.
 *
 * 1. One append in flight; what arrives meanwhile forms the next group. No timer: an idle writer flushes at the
 *    end of the event loop's turn, so that the commits of one turn share a group.
 * 2. A commit is durable when its group was acknowledged, or was found at the head under its own id. // I1
 * 3. Whatever else an append brings, the head decides: own group there: landed; still what was expected: the same
 *    bytes again, after an outage of any length too; anything else: lost. // I2
 * 4. Lost is for ever: nothing more is appended, reported or accepted.
 */
import { randomBytes } from 'node:crypto';
import { type EncodedCommit } from '@summit/events';
import { type Digest } from '@summit/kernel';
import { commitTooLarge, journalLost } from './errors.ts';
import { FairQueue, type Pending } from './fair-queue.ts';
import { decodeHeader, type EncodedGroup, encodeGroup } from './group.ts';
import { type AppendOutcome, type JournalStore, type StoredGroup } from './journal-store.ts';
import { type JournalName, type RecoveredGroup, recoverJournal } from './recovery.ts';

/** A commit's line stays below this, bytes; what is larger is refused before it is taken. */
export const MAX_COMMIT_BYTES = 512 * 1024;
/** Room for a group's header line: five numbers, an id, a digest. */
const HEADER_BYTES = 512;
/** Between tries of the same group, milliseconds: doubled each time, up to the second. */
const BACKOFF_MS = { first: 20, largest: 500 };

/** What a writer tells whoever watches it; never anything that came in with a commit. */
export type JournalObservation =
  | {
      readonly type: 'stored';
      readonly sequence: number;
      readonly digest: Digest;
      readonly commits: number;
      readonly bytes: number;
      /** From the first try to the acknowledgement, milliseconds. */
      readonly ms: number;
      readonly tries: number;
    }
  | { readonly type: 'doubt'; readonly code: string; readonly message: string; readonly tries: number }
  | { readonly type: 'head_unreadable'; readonly message: string; readonly tries: number }
  | { readonly type: 'lost'; readonly reason: string };

/** What a writer calls. None of them may throw; what is thrown loses the partition. */
export interface JournalListener {
  /**
   * Once per stored group: every commit up to `ordinal` is durable, and the ones in `ahead`, which overtook
   * others where tenants took turns. Ordinals of `ahead` are not named again.
   */
  onDurable(ordinal: number, ahead: readonly number[]): void;
  /** At most once; nothing follows. What was not reported durable is unknown. */
  onLost(reason: string): void;
  observe?(observation: JournalObservation): void;
}

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
  /** 16 random bytes, hexadecimal. */
  readonly groupId: () => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const realShell: WriterShell = {
  endOfTurn: setImmediate,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  groupId: () => randomBytes(16).toString('hex'),
  now: () => performance.now(),
};

export interface JournalWriterOptions extends JournalName {
  readonly store: JournalStore;
  readonly listener: JournalListener;
  readonly shell?: Partial<WriterShell>;
}

type Fate = { readonly landed: number } | { readonly lost: string } | 'again';

export class JournalWriter {
  readonly partition: number;
  readonly generation: number;
  /** The reign this writer writes under. */
  readonly epoch: number;
  readonly #store: JournalStore;
  readonly #listener: JournalListener;
  readonly #shell: WriterShell;
  readonly #waiting = new FairQueue();
  readonly #maxCommitBytes: number;
  #sequence: number;
  #digest: Digest;
  #ordinal = 0;
  /** Every ordinal up to this one is durable; those above it that are, stand in #ahead. */
  #durable = 0;
  readonly #ahead = new Set<number>();
  #scheduled = false;
  #inFlight = false;
  #lost: string | undefined;
  #closing: (() => void) | undefined;

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
   * Reads the whole journal, hands each checked group to `fold`, and gives the writer that goes on after it. The
   * caller's first commit should be `LeaderElected{epoch: writer.epoch}`; beaten to it, the writer is lost: open anew.
   */
  static async open(
    options: JournalWriterOptions & { readonly fold: (group: RecoveredGroup) => void },
  ): Promise<JournalWriter> {
    const { sequence, digest, epoch } = await recoverJournal(options.store, options, options.fold);
    return new JournalWriter({ sequence, digest, epoch: epoch + 1 }, options);
  }

  /** Sequence of the last group known to be stored. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The newest ordinal up to which everything is durable. */
  get durable(): number {
    return this.#durable;
  }

  /** Commits taken and not yet durable: what a leader bounds while the journal is away. */
  get pending(): number {
    return this.#ordinal - this.#durable - this.#ahead.size;
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
    const bytes = Buffer.byteLength(commit.line) + 1;
    if (bytes >= this.#maxCommitBytes) throw commitTooLarge(commit.id, bytes - 1, this.#maxCommitBytes);
    const ordinal = ++this.#ordinal;
    this.#waiting.push({ commit, ordinal, bytes });
    this.#schedule();
    return ordinal;
  }

  /** Stops now and says nothing more; what is in flight may still land. For a leader that gives up its reign. */
  abandon(reason: string): void {
    this.#lost ??= reason;
    this.#closing?.();
  }

  /** Takes nothing more; resolves when all that was taken is durable, or the writer is lost. */
  async close(): Promise<void> {
    if (this.#lost === undefined && this.pending > 0) {
      await new Promise<void>((resolve) => (this.#closing = resolve));
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
    if (this.#inFlight || this.#lost !== undefined || this.#waiting.count === 0) return;
    this.#inFlight = true;
    try {
      await this.#storeGroup(this.#waiting.take(this.#store.maxGroupBytes - HEADER_BYTES));
    } catch (error) {
      this.#lose(`a defect: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#inFlight = false;
    if (this.#waiting.count > 0) this.#schedule();
  }

  async #storeGroup(items: readonly Pending[]): Promise<void> {
    const groupId = this.#shell.groupId();
    const { partition, generation, epoch } = this;
    const header = { partition, generation, epoch, groupId, prev: this.#digest };
    const group = encodeGroup(header, items.map(commitOf));
    const started = this.#shell.now();
    for (let tries = 1; this.#lost === undefined; tries++) {
      const fate = await this.#try(group, groupId, tries);
      if (fate === 'again') continue;
      if ('lost' in fate) {
        this.#lose(fate.lost);
        return;
      }
      this.#stored(items, group, { sequence: fate.landed, ms: this.#shell.now() - started, tries });
      return;
    }
  }

  /** One append, and what the head says where it was not acknowledged. */
  async #try(group: EncodedGroup, groupId: string, tries: number): Promise<Fate> {
    const outcome = await this.#append(group.bytes);
    if (outcome.status === 'stored') return { landed: outcome.sequence };
    this.#listener.observe?.({ type: 'doubt', code: outcome.code, message: outcome.message, tries });
    const head = await this.#readHead();
    if (head === 'unreadable') return { lost: 'it was stopped' };
    if (head && head.sequence > this.#sequence && this.#isOwn(head, groupId))
      return { landed: head.sequence };
    if ((head?.sequence ?? 0) !== this.#sequence) return { lost: this.#beatenBy(head) };
    await this.#backOff(tries);
    return 'again';
  }

  async #append(bytes: Uint8Array): Promise<AppendOutcome> {
    try {
      return await this.#store.append(bytes, this.#sequence);
    } catch (error) {
      return {
        status: 'unanswered',
        code: 'ERROR',
        message: error instanceof Error ? error.message : String(error),
      };
    }
  }

  /** Asks until there is an answer: without one nobody knows. */
  async #readHead(): Promise<StoredGroup | undefined | 'unreadable'> {
    for (let tries = 1; this.#lost === undefined; tries++) {
      try {
        return await this.#store.head();
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#listener.observe?.({ type: 'head_unreadable', message, tries });
        await this.#backOff(tries);
      }
    }
    return 'unreadable';
  }

  #isOwn({ sequence, bytes }: StoredGroup, groupId: string): boolean {
    return decodeHeader(bytes, { partition: this.partition, sequence }).groupId === groupId;
  }

  #beatenBy(head: StoredGroup | undefined): string {
    return `the journal stands at sequence ${String(head?.sequence ?? 0)}, not at ${String(this.#sequence)}`;
  }

  async #backOff(tries: number): Promise<void> {
    await this.#shell.wait(Math.min(BACKOFF_MS.largest, BACKOFF_MS.first * 2 ** (tries - 1)));
  }

  #stored(
    items: readonly Pending[],
    group: EncodedGroup,
    told: { sequence: number; ms: number; tries: number },
  ): void {
    if (this.#lost !== undefined) return; // abandoned meanwhile: says nothing
    this.#sequence = told.sequence;
    this.#digest = group.digest;
    const ahead = this.#advance(items);
    const { bytes, digest } = group;
    this.#listener.observe?.({ type: 'stored', digest, commits: items.length, bytes: bytes.length, ...told });
    this.#listener.onDurable(this.#durable, ahead);
    if (this.pending === 0) this.#closing?.();
  }

  /** Moves the mark; the ordinals that are durable beyond it. */
  #advance(items: readonly Pending[]): readonly number[] {
    const last = items.at(-1)?.ordinal ?? 0;
    if (last === this.#durable + items.length && this.#ahead.size === 0 && inOrder(items, this.#durable)) {
      this.#durable = last;
      return NONE;
    }
    for (const { ordinal } of items) this.#ahead.add(ordinal);
    while (this.#ahead.delete(this.#durable + 1)) this.#durable++;
    return items.map(({ ordinal }) => ordinal).filter((ordinal) => ordinal > this.#durable);
  }

  #lose(reason: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    this.#listener.observe?.({ type: 'lost', reason });
    this.#listener.onLost(reason);
    this.#closing?.();
  }
}

const NONE: readonly number[] = [];

const commitOf = ({ commit }: Pending): EncodedCommit => commit;

function inOrder(items: readonly Pending[], before: number): boolean {
  return items.every(({ ordinal }, i) => ordinal === before + 1 + i);
}
