import { type NatsConnection } from '@nats-io/transport-node';
import { SlotMap } from '@summit/kernel';

/**
 * Whether a connection is up, and a word to whoever waits for an answer when it goes down: the client itself
 * lets requests of a broken connection run into their timeouts.
 */
export class Connectivity {
  readonly #waiting = new SlotMap<number, () => void>();
  #asked = 0;
  #up: boolean;

  private constructor(nc: NatsConnection) {
    this.#up = nc.info !== undefined && !nc.isClosed();
    void this.#watch(nc);
  }

  static readonly #known = new WeakMap<NatsConnection, Connectivity>();

  /** The one of a connection. */
  static of(nc: NatsConnection): Connectivity {
    let found = Connectivity.#known.get(nc);
    if (!found) Connectivity.#known.set(nc, (found = new Connectivity(nc)));
    return found;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Calls once, when the connection breaks; returns what takes that back. */
  onDown(callback: () => void): () => void {
    const number = ++this.#asked;
    this.#waiting.set(number, callback);
    return () => void this.#waiting.delete(number);
  }

  async #watch(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === 'reconnect') this.#up = true;
      if (type === 'disconnect' || type === 'close') this.#down();
    }
    this.#down();
  }

  #down(): void {
    this.#up = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  }
}
