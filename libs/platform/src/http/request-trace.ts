import { randomBytes } from 'node:crypto';
import { type FastifyRequest } from 'fastify';
import { newTraceparent, traceIdOf } from '../trace.ts';

const TRACE = Symbol('traceparent');

/** A request that remembers its trace. */
interface Traced extends FastifyRequest {
  [TRACE]?: string | undefined;
}

const systemRandom = (bytes: number): string => randomBytes(bytes).toString('hex');

/**
 * The caller's `traceparent`, or a new one: one trace from here through everything that the request leads to. `random`
 * gives bytes, hexadecimal.
 */
export function traceOf(request: Traced, random = systemRandom): string {
  return (request[TRACE] ??= givenTraceOf(request) ?? newTraceparent(random(24)));
}

/** The caller's own `traceparent`. */
export function givenTraceOf(request: FastifyRequest): string | undefined {
  const given = request.headers['traceparent'];
  return typeof given === 'string' && traceIdOf(given) ? given : undefined;
}

/** What the request leads to is part of this span from now on. */
export function rememberTrace(request: Traced, traceparent: string): void {
  request[TRACE] = traceparent;
}
