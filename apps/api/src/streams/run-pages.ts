/**
 * A run's events, a page at a time.
 *
 * Owns: the feeds that rest between two pages, within bounds. Does not own: how a feed reads.
 *
 * 1. A page leaves its feed where it ended. Who asks for the next page goes on with it: a page costs what it holds,
 *    not all that came before it.
 * 2. A feed has one reader at a time: it is taken away when it is read, and rests again only after that went well.
 * 3. Only time is lost where none rests: another server gave the page, it rested too long, its room was needed. // C2.4
 * 4. It rests under its tenant's name. // I8
 */
import { type Cursor, cursorText, type StreamEvent } from '@summit/streams';
import { type RunFeed } from './run-feed.ts';
import { type RunName } from './run-lines.ts';

/** A page of a run's events. `next` is the cursor of the one after; `ended` says that there will be none. */
export interface EventPage {
  readonly events: readonly StreamEvent[];
  readonly next: string;
  readonly ended: boolean;
}

/** How long a feed rests, milliseconds: people turn pages, programs fetch one after another. */
const REST_MS = 60_000;
/** Commits that all resting feeds have folded: about 300 bytes stay of each. The newest feed rests in any case. */
const ROOM = 200_000;
/** What a feed holds besides, in such commits. */
const FEED = 100;

export interface RunPagesOptions {
  /** Throws `RUN_NOT_FOUND` where the id can be of no run. */
  readonly open: (run: RunName, after: Cursor | undefined) => RunFeed;
  readonly room?: number;
  readonly restMs?: number;
}

interface Resting {
  readonly feed: RunFeed;
  readonly over: NodeJS.Timeout;
}

export class RunPages {
  readonly #options: RunPagesOptions;
  /** Who has rested longest comes first. */
  readonly #resting = new Map<string, Resting>();
  #held = 0;

  constructor(options: RunPagesOptions) {
    this.#options = options;
  }

  /** Up to `size` events after a cursor. Rejects as {@link RunFeed.past} does. */
  async page(run: RunName, after: Cursor | undefined, size: number): Promise<EventPage> {
    const resting = after && this.#take(restKey(run, cursorText(after)));
    const feed = resting ?? this.#options.open(run, after);
    const events = await feed.next(size);
    const { ended } = feed;
    const next = events.at(-1)?.cursor ?? feed.cursor;
    if (!ended) this.#rest(restKey(run, next), feed);
    return { events, next, ended };
  }

  close(): void {
    for (const key of this.#resting.keys()) this.#take(key);
  }

  #take(key: string): RunFeed | undefined {
    const resting = this.#resting.get(key);
    if (!resting) return undefined;
    clearTimeout(resting.over);
    this.#resting.delete(key);
    this.#held -= heldBy(resting.feed);
    return resting.feed;
  }

  #rest(key: string, feed: RunFeed): void {
    const { restMs = REST_MS, room = ROOM } = this.#options;
    this.#take(key);
    const over = setTimeout(() => this.#take(key), restMs).unref();
    this.#resting.set(key, { feed, over });
    this.#held += heldBy(feed);
    for (const longest of this.#resting.keys()) {
      if (this.#held <= room || longest === key) return;
      this.#take(longest);
    }
  }
}

const restKey = ({ tenant, runId }: RunName, cursor: string): string =>
  JSON.stringify([tenant, runId, cursor]);
const heldBy = ({ version }: RunFeed): number => FEED + version;
