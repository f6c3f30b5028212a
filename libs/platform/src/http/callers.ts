import { RefusedError } from '@summit/kernel';
import { type Identity, type TokenVerifier, type Verified } from '../tokens/token-verifier.ts';
import { type FastifyRequest } from 'fastify';

/** Verified tokens remembered at once. */
const REMEMBERED = 10_000;
/** A token is looked up by so many of its last characters, its signature's: hashing all of it costs more than the rest. */
const END = 64;

/** A token as it was sent, and whose it is. */
interface Known {
  readonly authorization: string;
  readonly identity: Verified;
}

/** Says who is calling, by the bearer token alone; a verified token is remembered until it expires. */
export class Callers {
  readonly #tokens: TokenVerifier;
  /** By the end of what was sent; believed where all of it is the same. */
  readonly #verified = new Map<string, Known>();

  constructor(tokens: TokenVerifier) {
    this.#tokens = tokens;
  }

  /** At once where it is remembered. Rejects with `TOKEN_MISSING`, `TOKEN_INVALID`, `ISSUER_UNREACHABLE`. */
  identify({ headers: { authorization = '' } }: FastifyRequest): Identity | Promise<Identity> {
    const known = this.#verified.get(authorization.slice(-END));
    const holds = known?.authorization === authorization && known.identity.expires > Date.now();
    return holds ? known.identity : this.#verify(authorization);
  }

  async #verify(authorization: string): Promise<Identity> {
    const [scheme, token] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token) {
      const next = 'Send Authorization: Bearer <token>.';
      throw new RefusedError('TOKEN_MISSING', 'the request carries no token', next);
    }
    const identity = await this.#tokens.verify(token);
    if (this.#verified.size >= REMEMBERED) this.#verified.clear();
    this.#verified.set(authorization.slice(-END), { authorization, identity });
    return identity;
  }
}
