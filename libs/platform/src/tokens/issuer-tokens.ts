import { decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { RefusedError, SummitError } from '@summit/kernel';
import { type ClaimNames, identityOf } from './claims.ts';
import { type TokenVerifier, type Verified } from './token-verifier.ts';

/** By private keys alone (RFC 8725, 3.1 and 3.2): neither `none` nor a secret that both sides know. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** A token is looked at again after so long, milliseconds: a key that the issuer withdraws is believed no longer. */
const BELIEVED_MS = 10 * 60_000;

export interface IssuerOptions {
  /** `iss`, to the letter. */
  readonly issuer: string;
  /** What `aud` is, or has among others. */
  readonly audience: string;
  readonly claims: ClaimNames;
  /** The issuer's key for a token. */
  readonly keyOf: JWTVerifyGetKey;
}

/** Verifies the JWTs of one OpenID Connect issuer, by RFC 7519 and RFC 8725. */
export class IssuerTokens implements TokenVerifier {
  readonly #options: IssuerOptions;

  constructor(options: IssuerOptions) {
    this.#options = options;
  }

  async verify(token: string): Promise<Verified> {
    const { issuer, audience, claims, keyOf } = this.#options;
    try {
      // Before its key is looked for: a token of somebody else asks nothing of the issuer.
      if (decodeJwt(token).iss !== issuer) throw this.#refused('the token is of another issuer');
      const wanted = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'] };
      const { payload } = await jwtVerify(token, keyOf, wanted);
      const expires = Math.min((payload.exp ?? 0) * 1000, Date.now() + BELIEVED_MS);
      return { ...identityOf(payload, claims), expires };
    } catch (error) {
      throw error instanceof SummitError ? error : this.#refused(whyNot(error), error);
    }
  }

  #refused(why: string, cause?: unknown): RefusedError {
    return new RefusedError('TOKEN_INVALID', why, `Get one from ${this.#options.issuer}.`, { cause });
  }
}

function whyNot(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim "${error.claim}" is missing, or not what is wanted here`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is signed in a way that is not accepted';
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'the token is signed by a key that its issuer does not show';
  return 'the token is not valid';
}
