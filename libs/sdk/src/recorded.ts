import { type Edit, type Executed, type HistoryItem, type Settlement, type StepResult } from '@summit/engine';
import { type Instant, type Json } from '@summit/kernel';
import { type Delivery } from './deliveries.ts';
import { type Change, changeOf } from './received-state.ts';

/** What the coroutine was told in an earlier life. */
export type Told =
  | {
      readonly stepKey: string;
      readonly result: StepResult;
      readonly at: Instant;
      /** Of a patch of the run itself. */
      readonly change?: Change | undefined;
      readonly executed?: Executed | undefined;
    }
  | { readonly edit: Edit };

/**
 * What a run's history holds for its new coroutine: what the code must ask for again, what answers it, and in which
 * order it was told. What is taken is gone, so that what is left was not asked for, or not told yet. Most runs never
 * have a history: a map is made for its first entry.
 */
export class Recorded {
  readonly #history: readonly HistoryItem[];
  /** Hashes of proposals. */
  readonly #proposed: Map<string, string> | undefined;
  readonly #pure: Map<string, Json> | undefined;
  readonly #settled: Map<string, Settlement> | undefined;
  /** By their commit's version. */
  readonly #edits: Map<number, Edit> | undefined;

  constructor(history: readonly HistoryItem[]) {
    this.#history = history;
    for (const item of history) {
      if (item.t === 'proposed') (this.#proposed ??= new Map()).set(item.stepKey, item.actionHash);
      else if (item.t === 'pure') (this.#pure ??= new Map()).set(item.stepKey, item.output);
      else if (item.t === 'settled') (this.#settled ??= new Map()).set(item.stepKey, item);
      else if (item.t === 'edit') (this.#edits ??= new Map()).set(item.version, item);
    }
  }

  /** The hash of what was proposed under a key. */
  proposed(stepKey: string): string | undefined {
    return take(this.#proposed, stepKey);
  }

  /** What a pure step gave. */
  pure(stepKey: string): Json | undefined {
    return take(this.#pure, stepKey);
  }

  /** What was told, in its order: an own outcome has its place in the history, anything else that of its mark. */
  *deliveries(again: (told: Told) => void, live: Delivery): Generator<Delivery, void> {
    for (const item of this.#history) {
      const told = this.#toldBy(item);
      if (!told) continue;
      yield () => {
        again(told);
      };
    }
    yield live;
  }

  #toldBy(item: HistoryItem): Told | undefined {
    if (item.t === 'outcome') {
      const { stepKey, output, at, executed } = item;
      return { stepKey, result: { ok: true, output }, at, executed };
    }
    if (item.t === 'edited') {
      const edit = take(this.#edits, item.version);
      return edit && { edit };
    }
    const settled = item.t === 'delivered' ? take(this.#settled, item.stepKey) : undefined;
    if (item.t !== 'delivered' || !settled) return undefined;
    const { stepKey, result, executed } = settled;
    return { stepKey, result, at: item.at, change: changeOf(settled), executed };
  }

  /** The first key under which something was proposed that nobody asked for again. */
  missing(): string | undefined {
    return this.#proposed?.keys().next().value;
  }

  /** What was settled and is not told yet. */
  settled(): Iterable<Settlement> {
    return this.#settled?.values() ?? [];
  }

  /** People's edits that are not told yet. */
  edits(): Iterable<Edit> {
    return this.#edits?.values() ?? [];
  }
}

function take<Key, Value>(from: Map<Key, Value> | undefined, key: Key): Value | undefined {
  if (!from || from.size === 0) return undefined;
  const value = from.get(key);
  from.delete(key);
  return value;
}
