import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';
import { DevelopmentTokens } from './development-tokens.ts';
import { type IssuerLog, issuerKeys } from './issuer-keys.ts';
import { IssuerTokens } from './issuer-tokens.ts';
import { type TokenVerifier } from './token-verifier.ts';
import { isTrusted } from './trusted-url.ts';

/** An empty variable is one that is not set, as compose files have them. */
const text = z
  .string()
  .optional()
  .transform((given) => (given === '' ? undefined : given));

const address = text.refine((url) => url === undefined || isTrusted(url), {
  error: 'an https URL, or an http one of this machine',
});

/** Whose tokens a service believes. */
export const tokensConfig = {
  /** The OpenID Connect issuer, as `iss` has it; without it development tokens are believed. */
  SUMMIT_OIDC_ISSUER: address,
  /** This deployment, as `aud` has it; needed with an issuer. */
  SUMMIT_OIDC_AUDIENCE: text,
  /** The issuer's keys; without it its discovery document says where they are. */
  SUMMIT_OIDC_JWKS_URL: address,
  SUMMIT_OIDC_TENANT_CLAIM: z.string().min(1).default('tenant'),
  SUMMIT_OIDC_USER_CLAIM: z.string().min(1).default('sub'),
  SUMMIT_OIDC_ROLES_CLAIM: z.string().min(1).default('roles'),
};

type Tokens = { readonly [Name in keyof typeof tokensConfig]: z.infer<(typeof tokensConfig)[Name]> };

/** {@link tokensConfig} as it was read, and where the key of development tokens lies. */
export interface TokensConfig extends Tokens {
  readonly SUMMIT_DATA: string;
}

/** Who verifies the tokens of a service; the log says whose are believed. Throws `CONFIG_INVALID`. */
export function tokenVerifier(config: TokensConfig, log: IssuerLog): TokenVerifier {
  const {
    SUMMIT_OIDC_ISSUER: issuer,
    SUMMIT_OIDC_AUDIENCE: audience,
    SUMMIT_OIDC_JWKS_URL: jwksUrl,
  } = config;
  if (issuer === undefined) {
    // Half a configuration must not open the door to development tokens.
    if (audience !== undefined || jwksUrl !== undefined) throw missing('SUMMIT_OIDC_ISSUER');
    log.warn({}, 'accepts development tokens: no SUMMIT_OIDC_ISSUER is set');
    return new DevelopmentTokens(config.SUMMIT_DATA);
  }
  if (audience === undefined) throw missing('SUMMIT_OIDC_AUDIENCE');
  log.info({ issuer, audience }, 'accepts tokens of its issuer alone');
  const claims = {
    tenant: config.SUMMIT_OIDC_TENANT_CLAIM,
    user: config.SUMMIT_OIDC_USER_CLAIM,
    roles: config.SUMMIT_OIDC_ROLES_CLAIM,
  };
  return new IssuerTokens({ issuer, audience, claims, keyOf: issuerKeys({ issuer, jwksUrl, log }) });
}

function missing(name: string): InvalidInputError {
  const next = 'Set SUMMIT_OIDC_ISSUER and SUMMIT_OIDC_AUDIENCE, or no SUMMIT_OIDC_ variable.';
  return new InvalidInputError('CONFIG_INVALID', `${name}: is missing`, next);
}
