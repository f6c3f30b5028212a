import { type Clock, type Instant } from '@summit/kernel';

/** The machine's clock, of which time can be skipped. Leases go by `monotonic`, which goes on as ever. */
export class SkipClock implements Clock {
  #ahead = 0;

  now(): Instant {
    return Date.now() + this.#ahead;
  }

  monotonic(): number {
    return performance.now();
  }

  /** What would be waited for has come. */
  skipTo(at: Instant): void {
    this.#ahead += Math.max(0, at - this.now());
  }
}
