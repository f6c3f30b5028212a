import { setTimeout as delay } from 'node:timers/promises';

export interface Deadline {
  /** Milliseconds until it is given up. */
  readonly deadlineMs: number;
  /** Milliseconds between two looks; default 25. */
  readonly everyMs?: number;
}

/** Looks until `look` answers something other than undefined; undefined when the deadline passes first. */
export async function waitFor<T>(
  look: () => Promise<T | undefined> | T | undefined,
  { deadlineMs, everyMs = 25 }: Deadline,
): Promise<T | undefined> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || performance.now() >= end) return seen;
    await delay(everyMs);
  }
}
