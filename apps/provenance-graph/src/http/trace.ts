import { randomBytes } from 'node:crypto';
import { newTraceparent, traceIdOf as idIn } from '@summit/platform';
import { type FastifyRequest } from 'fastify';

/** The trace id of the caller's `traceparent`, or of a new one. */
export function traceIdOf(request: FastifyRequest): string {
  const given = request.headers['traceparent'];
  const known = typeof given === 'string' ? idIn(given) : undefined;
  return known ?? idIn(newTraceparent(randomBytes(24).toString('hex'))) ?? '';
}
