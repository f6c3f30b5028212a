import { RefusedError } from '@summit/kernel';
import { type Identity, type TokenVerifier, type Verified } from '../tokens/token-verifier.ts';
import { type FastifyRequest } from 'fastify';

/** Verified tokens remembered at once. */
const REMEMBERED = 10_000;

/** Says who is calling, by the bearer token alone; a verified token is remembered until it expires. */
export class Callers {
  readonly #tokens: TokenVerifier;
  /** By what was sent. */
  readonly #verified = new Map<string, Verified>();

  constructor(tokens: TokenVerifier) {
    this.#tokens = tokens;
  }

  /** At once where it is remembered. Rejects with `TOKEN_MISSING`, `TOKEN_INVALID`, `ISSUER_UNREACHABLE`. */
  identify({ headers: { authorization = '' } }: FastifyRequest): Identity | Promise<Identity> {
    const known = this.#verified.get(authorization);
    return known && known.expires > Date.now() ? known : this.#verify(authorization);
  }

  async #verify(authorization: string): Promise<Identity> {
    this.#verified.delete(authorization);
    const [scheme, token] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token) {
      const next = 'Send Authorization: Bearer <token>.';
      throw new RefusedError('TOKEN_MISSING', 'the request carries no token', next);
    }
    const identity = await this.#tokens.verify(token);
    if (this.#verified.size >= REMEMBERED) this.#verified.clear();
    this.#verified.set(authorization, identity);
    return identity;
  }
}
