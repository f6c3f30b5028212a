import { randomBytes } from 'node:crypto';
import { type FastifyRequest } from 'fastify';
import { newTraceparent, traceIdOf } from '../trace.ts';

/** The trace id of the caller's `traceparent`, or of a new one. */
export function requestTraceId(request: FastifyRequest): string {
  const given = request.headers['traceparent'];
  const known = typeof given === 'string' ? traceIdOf(given) : undefined;
  return known ?? traceIdOf(newTraceparent(randomBytes(24).toString('hex'))) ?? '';
}
