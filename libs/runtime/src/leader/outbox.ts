interface Waiting {
  readonly after: number;
  readonly send: () => void;
}

/**
 * What wants to leave a leader waits here for the newest commit that it was computed from. // I1
 *
 * First in, first out: an entry never overtakes an earlier one, so whoever is told something is told in order.
 */
export class Outbox {
  /** Told what a sender threw: a reply that can not be given must not stop the rest. */
  readonly #onError: (error: unknown) => void;
  /** What was sent is not held any longer, though its place is. */
  #entries: (Waiting | undefined)[] = [];
  #first = 0;
  #durable = 0;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Sends once every commit up to the ordinal `after` is durable; at once where it is and nothing waits. */
  push(after: number, send: () => void): void {
    if (after <= this.#durable && this.#first === this.#entries.length) this.#send(send);
    else this.#entries.push({ after, send });
  }

  /** Everything up to `ordinal` is durable. */
  release(ordinal: number): void {
    this.#durable = ordinal;
    for (;;) {
      const entry = this.#entries[this.#first];
      if (!entry || entry.after > ordinal) break;
      this.#entries[this.#first++] = undefined;
      this.#send(entry.send);
    }
    if (
      this.#first === this.#entries.length ||
      (this.#first > 1024 && this.#first * 2 > this.#entries.length)
    ) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Forgets what waits: it is unknown, and a lost leader says nothing more. // I2 */
  clear(): void {
    this.#entries = [];
    this.#first = 0;
  }

  #send(send: () => void): void {
    try {
      send();
    } catch (error) {
      this.#onError(error);
    }
  }
}
