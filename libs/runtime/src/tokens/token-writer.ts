import { type Token, type TokenAddress, type TokenSink } from './tokens.ts';

/** After a token that was sent, others are gathered for so long before they are, milliseconds: one frame of a screen. */
const GATHER_MS = 15;

/** Which attempt generates. */
export type Generating = Pick<Token, 'step' | 'attempt' | 'permitVersion'>;

/**
 * The tokens of one attempt on their way out: the first at once, later ones in small batches. A batch is one token to
 * those who hear it.
 */
export class TokenWriter {
  readonly #sink: TokenSink;
  readonly #whose: TokenAddress;
  readonly #generating: Generating;
  readonly #now: () => number;
  #index = 0;
  #gathered = '';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(sink: TokenSink, address: TokenAddress, generating: Generating, now: () => number) {
    this.#sink = sink;
    this.#whose = address;
    this.#generating = generating;
    this.#now = now;
  }

  write(delta: string): void {
    if (this.#closed || delta === '') return;
    this.#gathered += delta;
    if (this.#timer === undefined) this.#send();
  }

  /** Sends what is left; afterwards nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#closed && this.#gathered !== '') this.#publish();
    this.#closed = true;
  }

  /** Sends what was gathered, and gathers what comes next. */
  #send(): void {
    this.#publish();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#gathered !== '') this.#send();
    }, GATHER_MS);
  }

  #publish(): void {
    const delta = this.#gathered;
    this.#gathered = '';
    const { runId } = this.#whose;
    const token = { runId, ...this.#generating, index: this.#index++, delta, at: this.#now() };
    this.#sink.publish(this.#whose, token);
  }
}
