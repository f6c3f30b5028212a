import { type Token } from '@summit/streams';
import { type RunLine } from './run-lines.ts';

/** What arrived for a reader: commits of its run, tokens. */
export interface Mail {
  readonly lines: readonly RunLine[];
  readonly tokens: readonly Token[];
}

/** Characters that wait for one reader at most. */
const ROOM = 1024 * 1024;

/**
 * What waits for one reader, within a bound: a reader that is too slow loses its lines, knows it, and finds them in the
 * journal; tokens that find no room are lost, and their call's outcome has the text.
 */
export class Inbox {
  readonly #room: number;
  #lines: RunLine[] = [];
  #tokens: Token[] = [];
  #length = 0;
  #overflown = false;
  #awake = false;
  #wake: (() => void) | undefined;

  constructor(room = ROOM) {
    this.#room = room;
  }

  /** Whether lines were lost since {@link restart}. */
  get overflown(): boolean {
    return this.#overflown;
  }

  line(line: RunLine): void {
    if (this.#take(line.line.length)) this.#lines.push(line);
    else this.#drop();
    this.wake();
  }

  token(token: Token): void {
    if (!this.#take(token.delta.length + 64)) return;
    this.#tokens.push(token);
    this.wake();
  }

  /** Ends a wait of the reader. */
  wake(): void {
    this.#awake = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Everything that has arrived since; waits until something has, or until it is woken. */
  async mail(): Promise<Mail> {
    if (!this.#awake) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#awake = false;
    const mail = { lines: this.#lines, tokens: this.#tokens };
    this.#lines = [];
    this.#tokens = [];
    this.#length = 0;
    return mail;
  }

  /** Begins anew after an overflow: what comes from now on is kept again. */
  restart(): void {
    this.#overflown = false;
  }

  #take(length: number): boolean {
    if (this.#overflown || this.#length + length > this.#room) return false;
    this.#length += length;
    return true;
  }

  #drop(): void {
    this.#overflown = true;
    this.#lines = [];
    this.#tokens = [];
    this.#length = 0;
  }
}
