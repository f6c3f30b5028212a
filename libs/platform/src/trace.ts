const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The trace id of a W3C `traceparent`, or undefined where it is none. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return TRACEPARENT.exec(traceparent ?? '')?.[1];
}

/** A new W3C `traceparent` from 24 random bytes, hexadecimal. */
export function newTraceparent(random: string): string {
  return `00-${random.slice(0, 32)}-${random.slice(32, 48)}-01`;
}
