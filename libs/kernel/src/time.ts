import { InvalidInputError } from './errors.ts';

/** Milliseconds since the Unix epoch. Pure code is given it; only shells read a clock. */
export type Instant = number;

/** A source of time. `now` is wall-clock milliseconds, `monotonic` milliseconds that never go back. */
export interface Clock {
  now(): Instant;
  monotonic(): number;
}

/** A span of time: milliseconds, or a text such as `250ms`, `30s`, `5m`, `1h`, `7d`. */
export type Duration = number | string;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** A duration in milliseconds. Throws {@link InvalidInputError} `INVALID_DURATION`. */
export function durationMs(duration: Duration): number {
  const match = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) : undefined;
  const ms =
    typeof duration === 'number'
      ? duration
      : match
        ? Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? NaN)
        : NaN;
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms);
  throw new InvalidInputError(
    'INVALID_DURATION',
    `${JSON.stringify(duration)} is not a duration`,
    'Use milliseconds, or a number with ms, s, m, h or d: "30s".',
  );
}
