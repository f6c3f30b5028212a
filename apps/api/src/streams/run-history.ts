/**
 * The past of a run, from the journal: nothing of it is kept, only where some runs begin.
 *
 * A run's id says when it was made, and a partition's time never goes back: where it begins is found by bisection. From
 * there the journal is read up to where the reader wants to go; groups that do not mention the run are passed over
 * unread. So a reader costs the journal of the run's own time, and no memory.
 */
import { type JournalStore, type StoredGroup } from '@summit/journal';
import { parseId } from '@summit/kernel';
import { keyOfLine, linesOf, mentions, type RunLine, runKey, type RunName, timeOfLine } from './run-lines.ts';

/** A run is on record so soon after its id was made, milliseconds; a reader looks no further. */
const MADE_WITHIN_MS = 120_000;
/** Beginnings that are remembered. */
const REMEMBERED = 10_000;
/** Up to here groups are fetched one by one, so many at once; then they are streamed. */
const FEW = 48;
const AT_ONCE = 8;

export class RunHistory {
  readonly #store: JournalStore;
  readonly #beginnings = new Map<string, number>();

  constructor(store: JournalStore) {
    this.#store = store;
  }

  /** A run's commits in the groups `from` to `to`, in order; `from` its beginning where it is not given. */
  async *read(run: RunName, to: number, from?: number): AsyncGenerator<RunLine, void, undefined> {
    const key = runKey(run);
    const start =
      from ?? this.#beginnings.get(key) ?? (await firstGroupAt(this.#store, parseId(run.runId)?.at ?? 0, to));
    let found = from !== undefined || this.#beginnings.has(key);
    for await (const { sequence, bytes } of this.#groups(start, to)) {
      if (!mentions(bytes, run.runId)) {
        if (!found && this.#isPast(bytes, run)) return;
        continue;
      }
      for (const line of linesOf(bytes)) {
        if (keyOfLine(line) !== key) continue;
        if (!found) this.#remember(key, sequence);
        found = true;
        yield { sequence, line };
      }
    }
  }

  /** Whether a group is so late that a run of this id, if there were one, would have begun before it. */
  #isPast(bytes: Uint8Array, { runId }: RunName): boolean {
    const [line] = linesOf(bytes);
    return line !== undefined && timeOfLine(line) > (parseId(runId)?.at ?? 0) + MADE_WITHIN_MS;
  }

  async *#groups(from: number, to: number): AsyncGenerator<StoredGroup, void, undefined> {
    const few = Math.min(to, from + FEW - 1);
    let next = from;
    while (next <= few) {
      const wanted = Array.from({ length: Math.min(AT_ONCE, few - next + 1) }, (_, i) => next + i);
      next += wanted.length;
      for (const group of await Promise.all(wanted.map((one) => this.#store.get(one))))
        if (group) yield group;
    }
    if (next > to) return;
    for await (const group of this.#store.read(next)) {
      if (group.sequence > to) return;
      yield group;
    }
  }

  #remember(key: string, sequence: number): void {
    this.#beginnings.set(key, sequence);
    const oldest = this.#beginnings.keys().next();
    if (this.#beginnings.size > REMEMBERED && !oldest.done) this.#beginnings.delete(oldest.value);
  }
}

/** The first group, up to `to`, that ends at or after an instant; `to + 1` where there is none. */
export async function firstGroupAt(store: JournalStore, at: number, to: number): Promise<number> {
  let low = 1;
  let high = to + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const group = await store.get(middle);
    const last = group && linesOf(group.bytes).at(-1);
    if (last !== undefined && timeOfLine(last) >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
