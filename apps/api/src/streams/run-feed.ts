/**
 * The events of one run for one reader: its past from the journal, then what comes, as one sequence. // C2.2 C2.4
 *
 * 1. A reader listens before it reads the past, so nothing falls between the two; versions tell what it has already.
 * 2. It is pulled: nothing is opened before the last batch was taken, and what waits for it is bounded.
 * 3. A reader that lost lines by being slow goes back to the journal, where they are.
 * 4. A run of another tenant is none. // I8
 */
import { type DecodedCommit } from '@summit/events';
import { type JournalStore } from '@summit/journal';
import { NotFoundError } from '@summit/kernel';
import { type TokenSource } from '@summit/runtime';
import {
  type Cursor,
  cursorText,
  invalidCursor,
  RunStream,
  type StreamEvent,
  StreamSession,
} from '@summit/streams';
import { Inbox } from './inbox.ts';
import { type PartitionHub } from './partition-hub.ts';
import { type RunHistory } from './run-history.ts';
import { type RunLine, type RunName } from './run-lines.ts';

/** What feeds of one partition share. */
export interface PartitionSource {
  readonly store: JournalStore;
  readonly hub: PartitionHub;
  readonly history: RunHistory;
  /** Opens a stored commit, its large payloads too. */
  open(line: string): Promise<DecodedCommit>;
}

export interface FeedOptions {
  readonly run: RunName;
  /** The last event that the reader has; from the start without it. */
  readonly after?: Cursor;
  readonly source: PartitionSource;
  readonly tokens: TokenSource;
  readonly signal: AbortSignal;
}

export class RunFeed {
  readonly #options: FeedOptions;
  readonly #stream = new RunStream();
  readonly #session: StreamSession;
  readonly #inbox = new Inbox();
  /** The group of the journal that was read last. */
  #read = 0;
  #found = false;
  /** Read, and not yet given: see {@link next}. */
  #rest: StreamEvent[] = [];
  #endTokens: (() => void) | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#session = new StreamSession(options.after);
  }

  /** Where the reader stands after what it was given. */
  get cursor(): string {
    return this.#session.cursor;
  }

  /** Whether the run has ended, and everything was given. */
  get ended(): boolean {
    return this.#session.ended && this.#rest.length === 0;
  }

  /** Commits of the run that were read. */
  get version(): number {
    return this.#stream.version;
  }

  /** The next events, so many at most, up to the journal's present end. Rejects as {@link past} does. */
  async next(most: number): Promise<StreamEvent[]> {
    const events = this.#rest;
    if (events.length < most) {
      for await (const batch of this.past()) if (events.push(...batch) >= most) break;
    }
    this.#rest = events.splice(most);
    return events;
  }

  /**
   * Batches up to the journal's present end. The first, which may be empty, comes as soon as run and cursor are known
   * to be good. Rejects with `RUN_NOT_FOUND`, `INVALID_CURSOR`, or where the journal can not be reached.
   */
  async *past(): AsyncGenerator<StreamEvent[], void, undefined> {
    const { run, source, after } = this.#options;
    const head = await source.store.head();
    const from = this.#read === 0 ? undefined : this.#read;
    const to = head?.sequence ?? 0;
    for await (const line of source.history.read(run, to, from)) yield* this.#take(line);
    this.#read = Math.max(this.#read, to);
    if (this.#found) return;
    if (this.#stream.version === 0 || !after) throw notFound(run.runId);
    throw invalidCursor(cursorText(after), 'lies ahead of the run');
  }

  /** {@link past}, then batches as they come; ends with the run, or when it is aborted. */
  async *live(): AsyncGenerator<StreamEvent[], void, undefined> {
    const { run, source, signal } = this.#options;
    const endLines = await source.hub.listen(run, (line) => {
      this.#inbox.line(line);
    });
    const wake = (): void => {
      this.#inbox.wake();
    };
    signal.addEventListener('abort', wake);
    try {
      while (!this.#stopped()) {
        this.#inbox.restart();
        yield* this.past();
        while (!this.#inbox.overflown && !this.#stopped()) yield* this.#arrivals();
      }
    } finally {
      signal.removeEventListener('abort', wake);
      endLines();
      this.#endTokens?.();
    }
  }

  #stopped(): boolean {
    return this.#stream.ended || this.#options.signal.aborted;
  }

  async *#arrivals(): AsyncGenerator<StreamEvent[], void, undefined> {
    this.#listenToTokens();
    const { lines, tokens } = await this.#inbox.mail();
    const told = tokens.flatMap((token) => this.#session.token(token));
    if (told.length > 0) yield told;
    for (const line of lines) yield* this.#take(line);
  }

  async *#take({ sequence, line }: RunLine): AsyncGenerator<StreamEvent[], void, undefined> {
    const commit = await this.#options.source.open(line);
    this.#read = sequence;
    const events = this.#stream.apply(commit);
    if (events.length === 0 && this.#found) return;
    this.#find(events);
    const given = this.#session.events(events);
    if (given.length > 0 || this.#found) yield given;
  }

  /** Whether the fold has come to the cursor's place, and there is such a place. */
  #find(events: readonly StreamEvent[]): void {
    const { after } = this.#options;
    const { version } = this.#stream;
    if (after?.version === version && events.length <= after.event) {
      throw invalidCursor(cursorText(after), 'names an event that the run does not have');
    }
    if (version >= (after?.version ?? 0)) this.#found = true;
  }

  /** From the first call that is open when the reader has caught up: earlier ones have their outcome. */
  #listenToTokens(): void {
    const { run, tokens } = this.#options;
    if (this.#endTokens || !this.#session.generating) return;
    const address = { ...run, threadId: this.#stream.run?.threadId ?? '' };
    this.#endTokens = tokens.listen(address, (token) => {
      this.#inbox.token(token);
    });
  }
}

export const notFound = (runId: string): NotFoundError =>
  new NotFoundError(
    'RUN_NOT_FOUND',
    `there is no run ${JSON.stringify(runId.slice(0, 80))}`,
    'Check the id; a run is seen by its own tenant alone.',
  );
