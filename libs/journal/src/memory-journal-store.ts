import { RetryableError } from '@summit/kernel';
import {
  type AppendOutcome,
  type JournalStore,
  type StoredGroup,
  type TailedGroup,
} from './journal-store.ts';

/** What may go wrong with one append. */
export type AppendFault =
  | 'none'
  /** It lands; the answer is lost. */
  | 'ack_lost'
  /** It never arrives. */
  | 'request_lost'
  /** It arrives after its sender gave up: at the latest with the next request, earlier where `travel` lets it. */
  | 'late'
  /** The disk is full: refused, nothing changes. */
  | 'full';

/** How a store misbehaves. Everything is asked once per call, in order. */
export interface StoreFaults {
  append?(): AppendFault;
  /** Whether a read of the head goes unanswered. */
  headLost?(): boolean;
  /** Waited for before a call takes effect and before its answer is heard: where a test schedules interleavings. */
  travel?(label: string): Promise<void>;
}

/** A partition's groups, shared by all who write or read it. */
export class MemoryJournal {
  readonly groups: Uint8Array[] = [];
  readonly #late: (() => void)[] = [];
  readonly #followers = new Set<() => void>();

  /** Sequence of the last group, 0 where there is none. */
  get last(): number {
    return this.groups.length;
  }

  /** Lands where the expectation holds; the sequence, or undefined. */
  land(bytes: Uint8Array, expectedSequence: number): number | undefined {
    if (expectedSequence !== this.last) return undefined;
    const sequence = this.groups.push(Uint8Array.from(bytes));
    for (const wake of [...this.#followers]) wake();
    return sequence;
  }

  /** Resolves when a group with that sequence has landed, or when it is aborted. */
  landed(sequence: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (this.last < sequence && !signal.aborted) return;
        this.#followers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#followers.add(wake);
      signal.addEventListener('abort', wake);
      wake();
    });
  }

  /** Keeps an append on its way. */
  delay(bytes: Uint8Array, expectedSequence: number): void {
    this.#late.push(() => this.land(bytes, expectedSequence));
  }

  /** What was on its way arrives. */
  arrive(): void {
    for (const land of this.#late.splice(0)) land();
  }
}

const MEMORY_GROUP_BYTES = 960 * 1024;

/** The in-memory twin: one writer's or reader's view of a {@link MemoryJournal}, with faults on demand. */
export class MemoryJournalStore implements JournalStore {
  readonly journal: MemoryJournal;
  readonly maxGroupBytes: number;
  readonly #faults: StoreFaults;

  constructor(journal = new MemoryJournal(), faults: StoreFaults = {}, maxGroupBytes = MEMORY_GROUP_BYTES) {
    this.journal = journal;
    this.#faults = faults;
    this.maxGroupBytes = maxGroupBytes;
  }

  async append(bytes: Uint8Array, expectedSequence: number): Promise<AppendOutcome> {
    await this.#faults.travel?.('append');
    const outcome = this.#append(bytes, expectedSequence);
    await this.#faults.travel?.('appended');
    return outcome;
  }

  async head(): Promise<StoredGroup | undefined> {
    await this.#faults.travel?.('head');
    if (this.#faults.headLost?.() === true) throw unanswered();
    const bytes = this.journal.groups.at(-1);
    const head = bytes && { sequence: this.journal.last, bytes };
    await this.#faults.travel?.('head read');
    return head;
  }

  async get(sequence: number): Promise<StoredGroup | undefined> {
    await this.#faults.travel?.('get');
    const bytes = this.journal.groups[sequence - 1];
    return bytes && { sequence, bytes };
  }

  async *read(fromSequence: number): AsyncIterable<StoredGroup> {
    await this.#faults.travel?.('read');
    const last = this.journal.last;
    for (let sequence = fromSequence; sequence <= last; sequence++) {
      const bytes = this.journal.groups[sequence - 1];
      if (bytes) yield { sequence, bytes };
    }
  }

  async *tail(fromSequence: number, signal: AbortSignal): AsyncIterable<TailedGroup> {
    for (let sequence = fromSequence; ; sequence++) {
      await this.journal.landed(sequence, signal);
      await this.#faults.travel?.('tail');
      const bytes = this.journal.groups[sequence - 1];
      if (signal.aborted || !bytes) return;
      yield { sequence, bytes, pending: this.journal.last - sequence };
    }
  }

  #append(bytes: Uint8Array, expectedSequence: number): AppendOutcome {
    const fault = this.#faults.append?.() ?? 'none';
    this.journal.arrive();
    switch (fault) {
      case 'request_lost':
        return { status: 'unanswered', code: 'TIMEOUT', message: 'the request was lost' };
      case 'late':
        this.journal.delay(bytes, expectedSequence);
        void this.#faults.travel?.('late').then(() => {
          this.journal.arrive();
        });
        return { status: 'unanswered', code: 'TIMEOUT', message: 'the request is late' };
      case 'full':
        return { status: 'refused', code: '10047', message: 'insufficient storage resources available' };
      case 'ack_lost':
        this.journal.land(bytes, expectedSequence);
        return { status: 'unanswered', code: 'TIMEOUT', message: 'the answer was lost' };
      case 'none': {
        const sequence = this.journal.land(bytes, expectedSequence);
        if (sequence !== undefined) return { status: 'stored', sequence };
        return {
          status: 'refused',
          code: '10071',
          message: `wrong last sequence: ${String(this.journal.last)}`,
        };
      }
    }
  }
}

const unanswered = (): RetryableError =>
  new RetryableError('JOURNAL_UNREACHABLE', 'the journal did not answer', 'Try again.');
