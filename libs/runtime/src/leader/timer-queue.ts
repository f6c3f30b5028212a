import { type Instant } from '@summit/kernel';

interface Entry {
  readonly at: Instant;
  readonly id: string;
}

/** When to look at which run again: a binary heap; a run's newest instant counts, older ones are passed over. */
export class TimerQueue {
  readonly #heap: Entry[] = [];
  readonly #current = new Map<string, Instant>();

  /** Sets, moves or (undefined) removes the instant of an id. */
  set(id: string, at: Instant | undefined): void {
    if (this.#current.get(id) === at) return;
    if (at === undefined) {
      this.#current.delete(id);
      return;
    }
    this.#current.set(id, at);
    this.#push({ at, id });
  }

  /** Takes every id whose instant has come. */
  due(now: Instant): string[] {
    const ids: string[] = [];
    for (let top = this.#heap[0]; top && top.at <= now; top = this.#heap[0]) {
      this.#pop();
      if (this.#current.get(top.id) !== top.at) continue;
      this.#current.delete(top.id);
      ids.push(top.id);
    }
    return ids;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#at(parent) <= entry.at) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (this.#at(child) < this.#at(least)) least = child;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #at(i: number): Instant {
    return this.#heap[i]?.at ?? Infinity;
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (!a || !b) return;
    this.#heap[i] = b;
    this.#heap[j] = a;
  }
}
