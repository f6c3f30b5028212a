import { type LeaderMessage, type RunUpdate } from '@summit/engine';
import { type ExecutorLink } from '../link.ts';

/** Gathers what goes to each executor, so that all that one acknowledgement released travels in one message. */
export class Mail {
  readonly #link: ExecutorLink;
  readonly #head: () => Pick<LeaderMessage, 'partition' | 'leaderEpoch'>;
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

  #flush(): void {
    const updates = this.#updates;
    this.#updates = new Map();
    for (const [executor, list] of updates) this.#link.send(executor, { ...this.#head(), updates: list });
  }
}
