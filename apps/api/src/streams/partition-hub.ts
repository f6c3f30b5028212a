/**
 * What is appended to one partition from now on, to whoever watches a run of it.
 *
 * Owns: one reading of the journal for all watchers, while there are any. Does not own: the past
 * ({@link RunHistory}), opening commits: a watcher opens those of its run alone.
 *
 * 1. Without watchers nothing is read.
 * 2. A watcher hears every line of its run that was not in the journal when it began to listen, in order.
 * 3. Nothing is kept for a watcher here: a line is handed over, once.
 */
import { type JournalStore } from '@summit/journal';
import { keyOfLine, linesOf, type RunLine, runKey, type RunName } from './run-lines.ts';

type Hear = (line: RunLine) => void;

/** How long reading goes on after the last watcher has left, milliseconds: the next often comes at once. */
const LINGER_MS = 5_000;

export class PartitionHub {
  readonly #store: JournalStore;
  readonly #watchers = new Map<string, Set<Hear>>();
  readonly #lingerMs: number;
  #reading: { readonly begun: Promise<void>; readonly abort: AbortController } | undefined;
  #position = 0;
  #linger: NodeJS.Timeout | undefined;

  constructor(store: JournalStore, lingerMs = LINGER_MS) {
    this.#store = store;
    this.#lingerMs = lingerMs;
  }

  /** Hears from now on, until the given end is called. Rejects where the journal can not be reached. */
  async listen(run: RunName, hear: Hear): Promise<() => void> {
    const key = runKey(run);
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(hear));
    const end = (): void => {
      this.#leave(key, hear);
    };
    try {
      await this.#begin();
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  close(): void {
    clearTimeout(this.#linger);
    this.#reading?.abort.abort();
    this.#reading = undefined;
    this.#watchers.clear();
  }

  #leave(key: string, hear: Hear): void {
    const watchers = this.#watchers.get(key);
    watchers?.delete(hear);
    if (watchers?.size === 0) this.#watchers.delete(key);
    if (this.#watchers.size > 0) return;
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => {
      if (this.#watchers.size === 0) this.close();
    }, this.#lingerMs).unref();
  }

  /** Resolves when the position is known. */
  #begin(): Promise<void> {
    if (this.#reading) return this.#reading.begun;
    const abort = new AbortController();
    const begun = this.#store.head().then(
      (head) => {
        this.#position = head?.sequence ?? 0;
        void this.#read(abort.signal);
      },
      (error: unknown) => {
        this.#reading = undefined;
        throw error;
      },
    );
    this.#reading = { begun, abort };
    return begun;
  }

  async #read(signal: AbortSignal): Promise<void> {
    for await (const { sequence, bytes } of this.#store.tail(this.#position + 1, signal)) {
      for (const line of linesOf(bytes)) {
        for (const hear of this.#watchers.get(keyOfLine(line) ?? '') ?? []) hear({ sequence, line });
      }
      this.#position = sequence;
    }
  }
}
