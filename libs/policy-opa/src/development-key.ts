import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode, sha256 } from '@summit/kernel';
import { type TrustedKey } from './signature.ts';

const FILE = 'development-policy.pem';

/** A key that signs, and the half of it that others trust. */
export interface SigningKey {
  readonly signer: TrustedKey;
  readonly trusted: TrustedKey;
}

/** The development key of a data directory (Ed25519), made at first use; of several first uses at once one wins. */
export function developmentKey(dataDir: string): SigningKey {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, FILE);
  try {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return signingKey(readFileSync(file, 'utf8'));
}

/** A key pair from a private key in PEM. Its id is of its public half. */
function signingKey(pem: string): SigningKey {
  const key = createPrivateKey(pem);
  const publicKey = createPublicKey(key);
  const id = `development-${sha256(publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16)}`;
  return {
    signer: { id, algorithm: 'EdDSA', key },
    trusted: { id, algorithm: 'EdDSA', key: publicKey },
  };
}
