import { type LeaderMessage, type RunUpdate } from '@summit/engine';
import { type ExecutorLink } from '../link.ts';

/** Gathers what goes to each executor, so that all that one acknowledgement released travels in one message. */
export class Mail {
  readonly #link: ExecutorLink;
  readonly #head: () => Pick<LeaderMessage, 'partition' | 'leaderEpoch'>;
  readonly #numbers = new Map<string, number>();
  #updates = new Map<string, RunUpdate[]>();

  constructor(link: ExecutorLink, head: () => Pick<LeaderMessage, 'partition' | 'leaderEpoch'>) {
    this.#link = link;
    this.#head = head;
  }

  /** Only for what is durable. */
  post(executor: string, update: RunUpdate): void {
    if (this.#updates.size === 0) {
      queueMicrotask(() => {
        this.#flush();
      });
    }
    const waiting = this.#updates.get(executor);
    if (waiting) waiting.push(update);
    else this.#updates.set(executor, [update]);
  }

  /** Sends at once, numbered: leases, questions, and what was posted. */
  send(executor: string, part: Partial<Pick<LeaderMessage, 'lease' | 'introduce' | 'updates'>>): void {
    const number = (this.#numbers.get(executor) ?? 0) + 1;
    this.#numbers.set(executor, number);
    this.#link.send(executor, { ...this.#head(), number, updates: [], ...part });
  }

  broadcast(part: Pick<LeaderMessage, 'introduce'>): void {
    this.#link.broadcast({ ...this.#head(), updates: [], ...part });
  }

  #flush(): void {
    const posted = this.#updates;
    this.#updates = new Map();
    for (const [executor, updates] of posted) this.send(executor, { updates });
  }
}
