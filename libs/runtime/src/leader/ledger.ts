/**
 * A leader's hold on its partition: the live state, the journal's tail, what waits to leave.
 *
 * 1. A commit is taken by the writer before it is folded, so that a refused one has changed nothing.
 * 2. Whatever leaves waits for the newest commit it was computed from. // I1
 * 3. Lost, it forgets what waits and takes nothing more. // I2
 */
import { type Actor, type AnyEvent, type Commit, type EncodedCommit, encodeCommit } from '@summit/events';
import { evolvePartition, type PartitionState } from '@summit/engine';
import { type JournalObservation, type JournalStore, type JournalWriter } from '@summit/journal';
import { type Clock, type Instant, type Tracing } from '@summit/kernel';
import { type ObjectStore, PayloadShelf, SPILL_LINE_LENGTH } from '@summit/objects';
import { type PolicyIdentity } from '@summit/policy';
import { type Vault } from '@summit/vault';
import { type Log } from '../log.ts';
import { type Entry, journalNow, leaderActor, nextCommit, partitionEntry, type Scribe } from './entry.ts';
import { traceCommit } from './leader-spans.ts';
import { Outbox } from './outbox.ts';

export interface LedgerOptions extends Scribe {
  readonly partition: number;
  readonly store: JournalStore;
  /** Where payloads stand that are too large for a commit. */
  readonly objects: ObjectStore;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly onLost: (reason: string) => void;
  readonly observe?: (observation: JournalObservation) => void;
}

export class Ledger {
  readonly partition: number;
  readonly state: PartitionState;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: (bytes: number) => string;
  readonly #scribe: Scribe;
  readonly #store: JournalStore;
  readonly #onLost: (reason: string) => void;
  readonly #outbox: Outbox;
  readonly #writer: JournalWriter;
  readonly #shelf: PayloadShelf;
  readonly #tracing: Tracing | undefined;
  #newest = 0;
  /** When the journal was last known to be this leader's, by the monotonic clock. */
  #confirmed: number;

  /** Opened by {@link openLedger}, which has folded the journal and fenced it. `elected`: when it sent that. */
  constructor(options: LedgerOptions, state: PartitionState, writer: JournalWriter, elected: number) {
    const { partition, store, objects, vault, clock, random } = options;
    this.partition = partition;
    this.state = state;
    this.vault = vault;
    this.clock = clock;
    this.random = random;
    this.#scribe = options;
    this.#store = store;
    this.#outbox = new Outbox((error) => {
      options.log.error({ partition, err: error }, 'what was durable could not be told');
    });
    this.#shelf = new PayloadShelf(objects, vault, () => random(16));
    this.#tracing = options.tracing;
    this.#onLost = options.onLost;
    this.#confirmed = elected;
    this.#writer = writer;
  }

  get epoch(): number {
    return this.#writer.epoch;
  }

  get lost(): boolean {
    return this.#writer.lost;
  }

  /** Commits that are not durable yet. */
  get pending(): number {
    return this.#writer.pending;
  }

  /** Bytes of commits that are not durable yet. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /** Journal time. */
  now(): Instant {
    return journalNow(this.state, this.clock);
  }

  /**
   * Records and folds a commit. Throws `COMMIT_TOO_LARGE`, `PAYLOAD_TOO_LARGE`, `JOURNAL_LOST`, and `PayloadsToStore`
   * where payloads are to be stored first; then nothing has changed.
   */
  commit(entry: Entry): void {
    const commit = nextCommit(this.state, this.#scribe, entry);
    const encoded = this.#encoded(commit);
    this.#newest = this.#writer.append(encoded);
    evolvePartition(this.state, commit, encoded.digest);
    if (this.#tracing) this.#traceUntilDurable(this.#tracing, encoded.id, commit);
  }

  #traceUntilDurable(tracing: Tracing, id: string, commit: Commit): void {
    const span = traceCommit(tracing, id, commit);
    if (!span) return;
    this.after(() => {
      span.end();
    });
  }

  #encoded(commit: Commit): EncodedCommit {
    const encoded = encodeCommit(this.partition, commit, this.vault);
    if (encoded.line.length <= SPILL_LINE_LENGTH) return encoded;
    const slim = this.#shelf.slim(commit);
    if (!slim) return encoded;
    // Other bytes under another salt: a commit's key seals one message.
    const resealed = { ...slim.commit, salt: this.random(16) };
    return encodeCommit(this.partition, resealed, this.vault, slim.references);
  }

  /** Records events of the partition itself. */
  fact(events: readonly AnyEvent[]): void {
    this.commit(partitionEntry(this.state, this.#scribe, events));
  }

  /** Records which bundle decides for a tenant, where the journal does not say so yet. */
  activate(tenant: string, identity: PolicyIdentity | undefined): void {
    if (!identity || this.state.policies.get(tenant) === identity.policy) return;
    const { data: dataDigest, ...rest } = identity;
    this.fact([{ type: 'PolicyActivated', v: 1, basis: 'activation', tenant, dataDigest, ...rest }]);
  }

  /** This leader, as the one who acts. */
  get actor(): Actor {
    return leaderActor(this.#scribe);
  }

  /** Sends when everything that was committed so far is durable. // I1 */
  after(send: () => void): void {
    this.#outbox.push(this.#newest, send);
  }

  /** Whether the journal was this leader's within the last `ms`. A lapse stops permits and leases, not retries. */
  holdsSince(ms: number): boolean {
    return !this.lost && this.clock.monotonic() - this.#confirmed <= ms;
  }

  /** Reads the head where nothing was written lately: is it still ours? */
  async confirm(): Promise<void> {
    const asked = this.clock.monotonic();
    const { sequence } = this.#writer;
    const head = await this.#store.head();
    if (head?.sequence === sequence && sequence === this.#writer.sequence) this.#confirmed = asked;
    else if (this.#writer.pending === 0 && (head?.sequence ?? 0) > this.#writer.sequence) {
      const reason = 'another leader wrote to it';
      this.#writer.abandon(reason);
      this.lose();
      this.#onLost(reason);
    }
  }

  /** @internal Called by the writer's listener. */
  release(ordinal: number, ms: number): void {
    this.#confirmed = Math.max(this.#confirmed, this.clock.monotonic() - ms);
    this.#outbox.release(ordinal);
  }

  /** @internal Called by the writer's listener. */
  lose(): void {
    this.#outbox.clear();
  }

  /** Takes nothing more; resolves when all that was taken is durable. */
  close(): Promise<void> {
    return this.#writer.close();
  }
}
