/** Something that a coroutine is told: its promises settle, its state changes. */
export type Delivery = () => void;

/**
 * Tells a coroutine one thing at a time: a delivery, every microtask that it brings, then the next. Live and in
 * replay the same, so races come out the same.
 *
 * Owns: what is to be delivered, in order. Does not own: what a delivery does.
 */
export class Deliveries {
  readonly #failed: (error: unknown) => void;
  /** What was delivered in an earlier life comes before anything else. */
  #past: Iterator<Delivery> | undefined;
  #waiting: Delivery[] = [];
  /** Microtasks of the last delivery may be left. */
  #busy = false;
  #over = false;

  /** `failed`: what goes wrong with a delivery is the run's failure, not the executor's. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Delivers the past, after what is in microtasks now. */
  begin(past: Iterator<Delivery>): void {
    this.#past = past;
    this.#busy = true;
    whenStill(this.#next);
  }

  /** In its turn; at once where there is nothing to wait for. */
  push(delivery: Delivery): void {
    if (this.#over) return;
    if (this.#busy) this.#waiting.push(delivery);
    else this.#deliver(delivery);
  }

  /** Nothing more is delivered. */
  stop(): void {
    this.#over = true;
    this.#past = undefined;
    this.#waiting = [];
  }

  readonly #next = (): void => {
    this.#busy = false;
    const delivery = this.#again() ?? this.#waiting.shift();
    if (delivery) this.#deliver(delivery);
  };

  #again(): Delivery | undefined {
    const again = this.#past?.next();
    if (again && !again.done) return again.value;
    this.#past = undefined;
    return undefined;
  }

  #deliver(delivery: Delivery): void {
    this.#busy = true;
    try {
      delivery();
    } catch (error) {
      this.#failed(error);
    }
    if (!this.#over) whenStill(this.#next);
  }
}

const RESOLVED = Promise.resolve();
let waiting: (() => void)[] = [];

/** Calls when no microtask is left that there is now, nor any that they bring; one look for all who wait. */
function whenStill(call: () => void): void {
  if (waiting.push(call) === 1) void RESOLVED.then(soon);
}

/** Ticks run when no microtask is left. Who comes after this one waits for the next. */
function soon(): void {
  process.nextTick(callAll, waiting);
  waiting = [];
}

function callAll(calls: readonly (() => void)[]): void {
  for (const call of calls) call();
}
