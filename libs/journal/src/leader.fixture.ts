import type fc from 'fast-check';
import { hasCode } from '@summit/kernel';
import { CommitSource, contentOf } from './commits.fixture.ts';
import { type JournalListener } from './journal-listener.ts';
import { type AppendFault, MemoryJournal, MemoryJournalStore } from './memory-journal-store.ts';
import { recoverJournal } from './recovery.ts';
import { JournalWriter } from './writer.ts';

/** What a network does to one leader: faults are used up in order, then all is well. */
export interface Weather {
  readonly appends: readonly AppendFault[];
  /** Which reads of the head go unanswered. */
  readonly heads: readonly boolean[];
}

/** In a plan: the leader stops at once, whatever is in flight. */
export const GIVE_UP = '!';

export type Fate = 'ruled' | 'lost' | 'gave up';

/**
 * Leaders over one journal, every step of theirs and of the network ordered by a scheduler of fast-check.
 * Watches what they say; what must never be said or done ends up in `violations`.
 */
export class World {
  readonly journal = new MemoryJournal();
  readonly violations: string[] = [];
  /** Digest of every commit that was reported durable. */
  readonly reported: string[] = [];
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  /** A point at which anything else may happen first. */
  step(label: string): Promise<unknown> {
    return this.#scheduler.schedule(Promise.resolve(), label);
  }

  store(weather: Weather, maxGroupBytes?: number): MemoryJournalStore {
    const [appends, heads] = [[...weather.appends], [...weather.heads]];
    const faults = {
      append: () => appends.shift() ?? 'none',
      headLost: () => heads.shift() ?? false,
      travel: async (label: string) => {
        await this.step(label);
      },
    };
    return new MemoryJournalStore(this.journal, faults, maxGroupBytes);
  }

  /**
   * One try to lead: recover, take the next epoch, append a commit of each tenant of the plan, or give up where it
   * says {@link GIVE_UP}. Resolves when nothing more may be said.
   */
  async reign(name: string, store: MemoryJournalStore, plan: readonly string[]): Promise<Fate> {
    const chain = await this.#recover(store);
    const source = new CommitSource(chain);
    const watch = new Watch(this, name, chain.epoch + 1);
    let groups = 0;
    const writer = new JournalWriter(
      { sequence: chain.sequence, digest: chain.digest, epoch: chain.epoch + 1 },
      {
        store,
        partition: 0,
        listener: watch,
        shell: {
          endOfTurn: (callback) => void this.step(`${name} turn`).then(callback),
          wait: async () => {
            await this.step(`${name} wait`);
          },
          groupId: () => `${name}-${String(groups++)}`,
        },
      },
    );
    for (const tenant of ['_system', ...plan]) {
      if (tenant === GIVE_UP) {
        watch.closed = true;
        writer.abandon('it gave up');
        return 'gave up';
      }
      const commit = source.next(tenant, 'r1', 'x'.repeat(100));
      if (!watch.append(writer, commit)) break;
      await this.step(`${name} thinks`);
    }
    await writer.close();
    watch.closed = true;
    if (watch.lost === 0 && writer.pending > 0)
      this.violations.push(`${name} ended with commits neither way`);
    return watch.lost > 0 ? 'lost' : 'ruled';
  }

  async #recover(store: MemoryJournalStore): ReturnType<typeof recoverJournal> {
    for (;;) {
      try {
        return await recoverJournal(store, { partition: 0 }, () => undefined);
      } catch (error) {
        if (!hasCode(error, 'JOURNAL_UNREACHABLE')) throw error;
      }
    }
  }
}

/** Hears what one writer says and holds it against the journal at that very moment. */
class Watch implements JournalListener {
  readonly #world: World;
  readonly #name: string;
  readonly #epoch: number;
  readonly #digests: string[] = [];
  readonly #ahead = new Set<number>();
  #durable = 0;
  lost = 0;
  closed = false;

  constructor(world: World, name: string, epoch: number) {
    this.#world = world;
    this.#name = name;
    this.#epoch = epoch;
  }

  /** Whether the writer took it; a lost one must refuse. */
  append(writer: JournalWriter, commit: Parameters<JournalWriter['append']>[0]): boolean {
    try {
      const ordinal = writer.append(commit);
      if (this.lost > 0) this.#violation('took a commit after it was lost');
      if (ordinal !== this.#digests.push(commit.digest)) this.#violation('gave an ordinal that is not dense');
      return true;
    } catch (error) {
      if (this.lost === 0 || !hasCode(error, 'JOURNAL_LOST')) throw error;
      return false;
    }
  }

  onDurable(ordinal: number, ahead: readonly number[]): void {
    if (this.lost > 0 || this.closed) this.#violation('reported something durable after its end');
    const news = [...ahead];
    for (let i = this.#durable + 1; i <= ordinal; i++) if (!this.#ahead.delete(i)) news.push(i);
    for (const one of ahead) this.#ahead.add(one);
    if (news.length === 0 || ordinal < this.#durable) this.#violation('reported nothing new');
    this.#durable = ordinal;
    const stored = contentOf(this.#world.journal);
    for (const one of news) {
      const digest = this.#digests[one - 1];
      const found = stored.filter((commit) => commit.digest === digest);
      if (found.length !== 1 || found[0]?.epoch !== this.#epoch)
        this.#violation('reported what is not stored');
      if (digest !== undefined) this.#world.reported.push(digest);
    }
  }

  onLost(): void {
    if (++this.lost > 1 || this.closed) this.#violation('was lost after its end');
  }

  observe(): void {
    if (this.lost > 0 || this.closed) this.#violation('spoke after its end');
  }

  #violation(what: string): void {
    this.#world.violations.push(`${this.#name} ${what}`);
  }
}
