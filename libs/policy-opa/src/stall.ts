/** Milliseconds that one policy may keep a leader waiting at once. */
const BURST_MS = 500;
/** The share of time it may keep it waiting for good. */
const SHARE = 0.05;

/**
 * How long policies may hold up a leader by not answering. A policy that always hangs would else make every decision
 * of its partition wait; beyond its allowance it is denied unevaluated. Keyed by whatever hangs together.
 */
export class StallAllowance {
  readonly #spent = new Map<string, { ms: number; at: number }>();

  /** Nobody has held the leader up lately. */
  get quiet(): boolean {
    return this.#spent.size === 0;
  }

  /** Whether it may be evaluated at `now` (monotonic milliseconds). */
  permits(key: string, now: number): boolean {
    return this.#debt(key, now) < BURST_MS;
  }

  /** It has held the leader up for `ms`. */
  charge(key: string, ms: number, now: number): void {
    this.#spent.set(key, { ms: this.#debt(key, now) + ms, at: now });
  }

  #debt(key: string, now: number): number {
    const spent = this.#spent.get(key);
    if (spent === undefined) return 0;
    const left = spent.ms - (now - spent.at) * SHARE;
    if (left > 0) return left;
    this.#spent.delete(key);
    return 0;
  }
}
