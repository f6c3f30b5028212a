import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import { RefusedError } from '@summit/kernel';
import { z } from 'zod';
import { type Identity, type TokenVerifier, type Verified } from './token-verifier.ts';

/** Development tokens name this issuer; they are refused where a real one is configured. */
const ISSUER = 'summit-development';
const LIFETIME = '12h';
const FILE = 'development-token.pem';

const claims = z.object({
  tenant: z.string().min(1),
  sub: z.string().min(1),
  roles: z.array(z.string()).default([]),
});

/** Signs and verifies development tokens (JWT, EdDSA) with a key made in the data directory at first start. */
export class DevelopmentTokens implements TokenVerifier {
  readonly #private: ReturnType<typeof createPrivateKey>;
  readonly #public: ReturnType<typeof createPublicKey>;

  constructor(dataDir: string) {
    this.#private = createPrivateKey(pemOf(dataDir));
    this.#public = createPublicKey(this.#private);
  }

  sign({ tenant, user, roles }: Identity, lifetime = LIFETIME): Promise<string> {
    return new SignJWT({ tenant, roles })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(ISSUER)
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(this.#private);
  }

  async verify(token: string): Promise<Verified> {
    try {
      const { payload } = await jwtVerify(token, this.#public, { issuer: ISSUER, requiredClaims: ['exp'] });
      const { tenant, sub, roles } = claims.parse(payload);
      return { tenant, user: sub, roles, expires: (payload.exp ?? 0) * 1000 };
    } catch (cause) {
      throw new RefusedError(
        'TOKEN_INVALID',
        'the token is not valid, or has expired',
        'Get one with `summit token`.',
        {
          cause,
        },
      );
    }
  }
}

/** The key of the data directory; of several first starts at once one wins. */
function pemOf(dataDir: string): string {
  const file = join(dataDir, FILE);
  mkdirSync(dataDir, { recursive: true });
  try {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  } catch {
    // it is there already
  }
  return readFileSync(file, 'utf8');
}
