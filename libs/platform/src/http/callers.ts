import { RefusedError } from '@summit/kernel';
import { type DevelopmentTokens, type Identity } from '../development-tokens.ts';
import { type FastifyRequest } from 'fastify';

/** Says who is calling, by the bearer token alone. */
export class Callers {
  readonly #tokens: DevelopmentTokens;

  constructor(tokens: DevelopmentTokens) {
    this.#tokens = tokens;
  }

  /** Throws `TOKEN_MISSING`, `TOKEN_INVALID`. */
  async identify(request: FastifyRequest): Promise<Identity> {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() === 'bearer' && token) return this.#tokens.verify(token);
    const next = 'Send Authorization: Bearer <token>.';
    throw new RefusedError('TOKEN_MISSING', 'the request carries no token', next);
  }
}
