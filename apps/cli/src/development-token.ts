import { RefusedError } from '@summit/kernel';
import { DevelopmentTokens, type Identity } from '@summit/platform';
import { dataDirOf } from './supervisor/stack-plan.ts';
import { type Given } from './verb.ts';

/** A token of the stack's data directory. Rejects with `DEVELOPMENT_TOKENS_OFF` where an issuer's are believed instead. */
export async function developmentToken(given: Given, identity: Identity): Promise<string> {
  const issuer = process.env['SUMMIT_OIDC_ISSUER'];
  if (!issuer) return new DevelopmentTokens(dataDirOf(given.text('data'))).sign(identity);
  const next = `Get a token from ${issuer} and set SUMMIT_TOKEN, or unset SUMMIT_OIDC_ISSUER.`;
  throw new RefusedError('DEVELOPMENT_TOKENS_OFF', `the tokens of ${issuer} alone are accepted`, next);
}
