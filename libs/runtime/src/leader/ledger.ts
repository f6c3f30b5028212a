/**
 * A leader's hold on its partition: the live state, the journal's tail, what waits to leave.
 *
 * 1. A commit is taken by the writer before it is folded, so that a refused one has changed nothing.
 * 2. Whatever leaves waits for the newest commit it was computed from. // I1
 * 3. Lost, it forgets what waits and takes nothing more. // I2
 */
import {
  type Actor,
  type AnyEvent,
  type CommandRecord,
  type Commit,
  type Decision,
  type EncodedCommit,
  encodeCommit,
  type Entity,
} from '@summit/events';
import {
  emptyPartition,
  evolvePartition,
  partitionEntity,
  type PartitionState,
  type RunState,
  tenantOf,
} from '@summit/engine';
import { type JournalObservation, type JournalStore, JournalWriter } from '@summit/journal';
import { type Clock, type Instant, type Tracing } from '@summit/kernel';
import { type ObjectStore, PayloadShelf, readCommit, SPILL_LINE_LENGTH } from '@summit/objects';
import { type PolicyIdentity } from '@summit/policy';
import { type Vault } from '@summit/vault';
import { type Log } from '../log.ts';
import { traceCommit } from './leader-spans.ts';
import { Outbox } from './outbox.ts';

export interface LedgerOptions {
  readonly partition: number;
  readonly store: JournalStore;
  /** Where payloads stand that are too large for a commit. */
  readonly objects: ObjectStore;
  readonly vault: Vault;
  readonly clock: Clock;
  /** `bytes` random bytes, hexadecimal. */
  readonly random: (bytes: number) => string;
  /** Id of this leader's process life. */
  readonly incarnation: string;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
  readonly onLost: (reason: string) => void;
  readonly observe?: (observation: JournalObservation) => void;
}

/** A commit, as whoever decided it hands it over. */
export interface Entry {
  readonly tenant: string;
  readonly entity: Entity;
  readonly version: number;
  readonly key: string;
  readonly actor: Actor;
  readonly causationId: string;
  readonly correlationId: string;
  readonly trace: string;
  readonly decisions: Decision[];
  readonly events: readonly AnyEvent[];
  readonly command?: CommandRecord;
}

export class Ledger {
  readonly partition: number;
  readonly state: PartitionState;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: (bytes: number) => string;
  readonly incarnation: string;
  readonly #store: JournalStore;
  readonly #onLost: (reason: string) => void;
  readonly #outbox: Outbox;
  readonly #writer: JournalWriter;
  readonly #shelf: PayloadShelf;
  readonly #tracing: Tracing | undefined;
  #newest = 0;
  /** When the journal was last known to be this leader's, by the monotonic clock. */
  #confirmed: number;

  private constructor(
    options: LedgerOptions,
    state: PartitionState,
    writer: (ledger: Ledger) => JournalWriter,
  ) {
    const { partition, store, objects, vault, clock, random, incarnation } = options;
    this.partition = partition;
    this.state = state;
    this.vault = vault;
    this.clock = clock;
    this.random = random;
    this.incarnation = incarnation;
    this.#store = store;
    this.#outbox = new Outbox((error) => {
      options.log.error({ partition, err: error }, 'what was durable could not be told');
    });
    this.#shelf = new PayloadShelf(objects, vault, () => random(16));
    this.#tracing = options.tracing;
    this.#onLost = options.onLost;
    this.#confirmed = clock.monotonic();
    this.#writer = writer(this);
  }

  /**
   * Folds the journal, fences it with `LeaderElected` and resolves once that is durable. Rejects with
   * `JOURNAL_BROKEN` where a link does not hold, and when another leader was faster.
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const { partition, vault: opener, objects } = options;
    const state = emptyPartition(partition);
    let elected: () => void = () => undefined;
    let beaten: (reason: string) => void = () => undefined;
    const fenced = new Promise<void>((resolve, reject) => {
      elected = resolve;
      beaten = (reason) => {
        reject(new Error(`the partition is another leader's: ${reason}`));
      };
    });
    fenced.catch(() => undefined);
    const holder: { ledger?: Ledger } = {};
    const writer = await JournalWriter.open({
      store: options.store,
      partition,
      fold: async ({ commits }) => {
        for (const { line, digest } of commits) {
          const { commit } = await readCommit(line, { partition, opener, objects });
          evolvePartition(state, commit, digest);
        }
      },
      listener: {
        onDurable: (ordinal) => {
          elected();
          holder.ledger?.release(ordinal);
        },
        onLost: (reason) => {
          beaten(reason);
          holder.ledger?.lose();
          options.onLost(reason);
        },
        ...(options.observe && { observe: options.observe }),
      },
    });
    const ledger = new Ledger(options, state, () => writer);
    holder.ledger = ledger;
    ledger.fact([
      {
        type: 'LeaderElected',
        v: 1,
        basis: 'election',
        epoch: writer.epoch,
        incarnation: options.incarnation,
      },
    ]);
    await fenced;
    return ledger;
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

  /** Journal time: never goes back. */
  now(): Instant {
    return Math.max(this.clock.now(), this.state.at);
  }

  /**
   * Records and folds a commit. Throws `COMMIT_TOO_LARGE`, `PAYLOAD_TOO_LARGE`, `JOURNAL_LOST`, and `PayloadsToStore`
   * where payloads are to be stored first; then nothing has changed.
   */
  commit(entry: Entry): void {
    const { nextIndex, prev } = tenantOf(this.state, entry.tenant);
    const { command, ...rest } = entry;
    const commit: Commit = {
      ...rest,
      tenantIndex: nextIndex,
      tenantPrev: prev,
      salt: this.random(16),
      at: this.now(),
      ...(command && { command }),
    };
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
    const { tenant, entity } = partitionEntity(this.partition);
    this.commit({
      tenant,
      entity,
      version: this.state.version + 1,
      key: this.vault.tenantKey(tenant),
      actor: this.actor,
      causationId: `leader:${this.incarnation}`,
      correlationId: `partition:${String(this.partition)}`,
      trace: '',
      decisions: [],
      events,
    });
  }

  /** Records which bundle decides for a tenant, where the journal does not say so yet. */
  activate(tenant: string, identity: PolicyIdentity | undefined): void {
    if (!identity || this.state.policies.get(tenant) === identity.policy) return;
    const { data: dataDigest, ...rest } = identity;
    this.fact([{ type: 'PolicyActivated', v: 1, basis: 'activation', tenant, dataDigest, ...rest }]);
  }

  /** This leader, as the one who acts. */
  get actor(): Actor {
    return { kind: 'leader', id: this.incarnation };
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
  release(ordinal: number): void {
    this.#confirmed = this.clock.monotonic();
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

/** Where a run's next commit stands. */
export function runEntry(
  run: RunState,
): Pick<Entry, 'tenant' | 'entity' | 'version' | 'key' | 'correlationId'> {
  return {
    tenant: run.tenant,
    entity: { kind: 'run', id: run.runId },
    version: run.version + 1,
    key: run.key,
    correlationId: run.runId,
  };
}
