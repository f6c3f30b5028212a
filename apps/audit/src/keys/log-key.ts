import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode, InvalidInputError } from '@summit/kernel';
import { type NoteSigner, type VerifySignature } from '@summit/transparency-log';

const FILE = 'development-audit.pem';
/** DER before the 32 bytes of an Ed25519 public key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** One Ed25519 key that signs under many names: each log's origin is the name of its key, with a key id of its own. */
export class LogKey {
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  private constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    if (this.#key.asymmetricKeyType !== 'ed25519') throw notEd25519(this.#key.asymmetricKeyType);
    this.publicKey = createPublicKey(this.#key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
  }

  /** Throws `CONFIG_INVALID` where the file holds another kind of key. */
  static ofFile(file: string): LogKey {
    return new LogKey(readFileSync(file, 'utf8'));
  }

  /** The development key of a data directory, made at first use; of several first uses at once one wins. */
  static ofDevelopment(dataDir: string): LogKey {
    mkdirSync(dataDir, { recursive: true });
    const file = join(dataDir, FILE);
    try {
      const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
      writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    return LogKey.ofFile(file);
  }

  signer(name: string): NoteSigner {
    return { name, publicKey: this.publicKey, sign: (text) => sign(null, text, this.#key) };
  }
}

/** Ed25519 of Node's own, for the notes of `@summit/transparency-log`. */
export const verifyEd25519: VerifySignature = (publicKey, text, signature) => {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  return verify(null, text, key, signature);
};

const notEd25519 = (type: string | undefined): InvalidInputError =>
  new InvalidInputError(
    'CONFIG_INVALID',
    `the key of the logs is of type ${type ?? 'unknown'}, not Ed25519`,
    'Make one: openssl genpkey -algorithm ed25519.',
  );
