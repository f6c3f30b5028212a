import { type FrameItem } from '@summit/engine';
import { type CoroutineHost } from './coroutine.host.ts';

/** The way out for what a coroutine says: kept back while history is left, closed once the coroutine has ended. */
export class Outlet {
  readonly #host: Pick<CoroutineHost, 'emit'>;
  #kept: FrameItem[] = [];
  #state: 'kept' | 'open' | 'closed' = 'kept';

  constructor(host: Pick<CoroutineHost, 'emit'>) {
    this.#host = host;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  say(item: FrameItem): void {
    if (this.#state === 'open') this.#host.emit(item);
    else if (this.#state === 'kept') this.#kept.push(item);
  }

  /** Keys of what is kept back: what the code asked for that the history does not know. */
  keys(): readonly string[] {
    return this.#kept.flatMap((item) => ('stepKey' in item ? [item.stepKey] : []));
  }

  /** What was kept back goes out, and from here on everything at once. */
  release(): void {
    this.#state = 'open';
    for (const item of this.#kept) this.#host.emit(item);
    this.#kept = [];
  }

  close(): void {
    this.#state = 'closed';
    this.#kept = [];
  }
}
