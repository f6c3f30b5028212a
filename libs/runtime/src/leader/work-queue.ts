import { errorRecord } from '@summit/kernel';
import { PayloadsToStore } from '@summit/objects';
import { type PolicyEngine } from '@summit/policy';
import { type Log } from '../log.ts';
import { Decider } from './decider.ts';
import { type Work } from './desk.ts';

/**
 * Work taken in one turn at most: what it commits is sent at the turn's end, so that the journal stores it while the
 * next turn decides.
 */
const TURN = 24;
/** Between tries to store payloads, milliseconds. */
const STORE_AGAIN_MS = 500;

export interface WorkQueueOptions {
  readonly policy: PolicyEngine;
  readonly log: Log;
  /** Whether the journal is another's: then nothing is refused any more, nobody knows. */
  readonly lost: () => boolean;
}

/**
 * A leader's work, in the order in which it came.
 *
 * 1. It is taken a turn of the event loop at a time and decided piece by piece; see {@link Decider}.
 * 2. Payloads too large for a commit are stored before it; meanwhile the work, and what comes for its entity, is put
 *    aside, and planned again after it.
 */
export class WorkQueue {
  readonly #log: Log;
  readonly #lost: () => boolean;
  readonly #workDecider: Decider;
  #queue: Work[] = [];
  #scheduled = false;
  #stopped = false;

  constructor({ policy, log, lost }: WorkQueueOptions) {
    this.#log = log;
    this.#lost = lost;
    this.#workDecider = new Decider(policy, (work, error) => {
      this.#refuse(work, error);
    });
  }

  add(work: Work): void {
    if (this.#stopped) return;
    this.#queue.push(work);
    this.#schedule();
  }

  /** Drops what is queued and takes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#workDecider.decide(this.#queue.splice(0, TURN));
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #refuse(work: Work, error: unknown): void {
    if (this.#lost()) return;
    if (error instanceof PayloadsToStore) {
      void this.#storeFirst(work, error);
      return;
    }
    try {
      work.refuse(error);
    } catch (second) {
      this.#log.error({ err: second, entity: work.entity }, 'work could not be refused');
    }
  }

  async #storeFirst(work: Work, payloads: PayloadsToStore): Promise<void> {
    this.#workDecider.putAside(work);
    while (!(await this.#stored(payloads))) {
      await new Promise((resolve) => setTimeout(resolve, STORE_AGAIN_MS));
      if (this.#stopped) return;
    }
    if (this.#stopped) return;
    this.#queue = [...this.#workDecider.takeBack(work.entity), ...this.#queue];
    this.#schedule();
  }

  async #stored(payloads: PayloadsToStore): Promise<boolean> {
    try {
      await payloads.store();
      return true;
    } catch (error) {
      this.#log.warn({ err: errorRecord(error) }, 'payloads could not be stored; tried again');
      return false;
    }
  }
}
