import { randomBytes } from 'node:crypto';
import { type DevelopmentTokens, type Identity, newTraceparent, traceIdOf } from '@summit/platform';
import { RefusedError } from '@summit/kernel';
import { type FastifyRequest } from 'fastify';

/** Verified tokens remembered at once. */
const REMEMBERED = 10_000;

const traces = new WeakMap<FastifyRequest, string>();

/** The caller's `traceparent`, or a new one: one trace from here through leader, executor and tool. */
export function traceOf(request: FastifyRequest): string {
  const known = traces.get(request);
  if (known !== undefined) return known;
  const trace = givenTraceOf(request) ?? newTraceparent(randomBytes(24).toString('hex'));
  traces.set(request, trace);
  return trace;
}

/** The caller's own `traceparent`. */
export function givenTraceOf(request: FastifyRequest): string | undefined {
  const given = request.headers['traceparent'];
  return typeof given === 'string' && traceIdOf(given) ? given : undefined;
}

/** What the request leads to is part of this span from now on. */
export function rememberTrace(request: FastifyRequest, traceparent: string): void {
  traces.set(request, traceparent);
}

/** Says who is calling, by the bearer token alone; a verified token is remembered until it expires. */
export class Authenticator {
  readonly #tokens: DevelopmentTokens;
  readonly #verified = new Map<string, Identity & { readonly expires: number }>();

  constructor(tokens: DevelopmentTokens) {
    this.#tokens = tokens;
  }

  /** Throws `TOKEN_MISSING`, `TOKEN_INVALID`. */
  async identify(request: FastifyRequest): Promise<Identity> {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token) {
      throw new RefusedError(
        'TOKEN_MISSING',
        'the request carries no token',
        'Send Authorization: Bearer <token>.',
      );
    }
    const known = this.#verified.get(token);
    if (known && known.expires > Date.now()) return known;
    this.#verified.delete(token);
    const identity = await this.#tokens.verify(token);
    if (this.#verified.size >= REMEMBERED) this.#verified.clear();
    this.#verified.set(token, identity);
    return identity;
  }
}
