/** Whom a clock tells that the time is up. */
export interface Timed {
  late(): void;
}

/** Node's timers hold 31 bits of milliseconds; longer ones would end at once. */
const MAX_MS = 2 ** 31 - 1;

/**
 * The time of one attempt, from when it began. Many attempts end before the event loop turns: a timer is made only for
 * what is under way when no microtask is left, less what has passed by then.
 */
export class AttemptClock {
  readonly #ms: number;
  readonly #timed: Timed;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #kept = true;

  constructor(ms: number, timed: Timed) {
    this.#ms = timerMs(ms);
    this.#timed = timed;
    if (begun.push(this) === 1) process.nextTick(armBegun);
  }

  /** The time starts again. */
  restart(): void {
    this.#since = performance.now();
    if (this.#timer) this.arm(this.#since);
  }

  /** No process is kept for it. */
  unref(): void {
    this.#kept = false;
    this.#timer?.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Counts what is left at an instant of the monotonic clock, unless it was stopped. */
  arm(now: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    // whole milliseconds, as most are the full time: Node has a list of timers for each length
    this.#timer = setTimeout(
      () => {
        this.#timed.late();
      },
      this.#ms - Math.floor(now - this.#since),
    );
    if (!this.#kept) this.#timer.unref();
  }
}

/** An attempt's time as a timer can hold it. */
export const timerMs = (ms: number): number => Math.min(ms, MAX_MS);

let begun: AttemptClock[] = [];

/** One look for all that began together. Ticks run when no microtask is left. */
function armBegun(): void {
  const clocks = begun;
  begun = [];
  const now = performance.now();
  for (const clock of clocks) clock.arm(now);
}
