import { createHash, type KeyObject } from 'node:crypto';
import { canonicalJson, InvalidInputError, isObject, RefusedError } from '@summit/kernel';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type Files } from './tar.ts';

/** Where OPA puts a bundle's signature (openpolicyagent.org, "Bundles", Signature Format). */
export const SIGNATURES = '.signatures.json';

/** A key whose bundles are accepted. */
export interface TrustedKey {
  /** `kid` of the signature; a signature without one is tried against every key. */
  readonly id: string;
  readonly algorithm: 'EdDSA' | 'ES256' | 'RS256';
  readonly key: KeyObject;
}

const signaturesSchema = z.object({ signatures: z.array(z.string()).length(1) });
const payloadSchema = z.object({
  files: z.array(z.object({ name: z.string(), hash: z.string(), algorithm: z.literal('SHA-256') })),
});

/** Signs the files as `opa sign` does: one JWT that lists every file with its hash. The text of {@link SIGNATURES}. */
export async function signFiles(files: Files, { id, algorithm, key }: TrustedKey): Promise<string> {
  const listed = [...hashes(files)].map(([name, hash]) => ({ name, hash, algorithm: 'SHA-256' }));
  const token = await new SignJWT({ files: listed, keyid: id })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: id })
    .sign(key);
  return JSON.stringify({ signatures: [token] });
}

/**
 * The id of the key that signed exactly these files. Throws {@link RefusedError} `POLICY_BAD_SIGNATURE` for none,
 * a key that is not trusted, or files other than the signed ones.
 */
export async function verifyFiles(files: Files, trusted: readonly TrustedKey[]): Promise<string> {
  const stored = files.get(SIGNATURES);
  if (stored === undefined) throw refused('it is not signed');
  const parsed = signaturesSchema.safeParse(json(stored));
  const token = parsed.success ? (parsed.data.signatures[0] ?? '') : '';
  for (const candidate of trusted) {
    const payload = await payloadOf(token, candidate);
    if (payload === undefined) continue;
    compare(hashes(files), payload);
    return candidate.id;
  }
  throw refused('no trusted key made its signature');
}

async function payloadOf(token: string, { id, algorithm, key }: TrustedKey): Promise<unknown> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key, { algorithms: [algorithm] });
    return (protectedHeader.kid ?? id) === id ? payload : undefined;
  } catch {
    return undefined;
  }
}

function compare(present: ReadonlyMap<string, string>, payload: unknown): void {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) throw refused('its signature lists no files');
  const signed = new Map(parsed.data.files.map(({ name, hash }) => [name.replace(/^\/+/, ''), hash]));
  for (const [name, hash] of present) {
    if (signed.get(name) !== hash) throw refused(`${name} is not the file that was signed`);
    signed.delete(name);
  }
  for (const name of signed.keys()) throw refused(`${name} was signed and is missing`);
}

/** OPA hashes JSON by its canonical text and everything else by its bytes. */
function hashes(files: Files): Map<string, string> {
  const result = new Map<string, string>();
  for (const [name, bytes] of files) {
    if (name === SIGNATURES) continue;
    const structured = name.endsWith('.json') || name === '.manifest';
    const content = structured ? canonicalJson(json(bytes)) : bytes;
    result.set(name, createHash('sha256').update(content).digest('hex'));
  }
  return result;
}

/** JSON of a file; undefined members can not occur. Throws `POLICY_BUNDLE_INVALID`. */
export function json(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(value)) return value;
  } catch {
    // falls through to the one error below
  }
  throw new InvalidInputError(
    'POLICY_BUNDLE_INVALID',
    'the bundle holds a JSON file that can not be read',
    'Build it with summit policy build.',
  );
}

const refused = (why: string): RefusedError =>
  new RefusedError(
    'POLICY_BAD_SIGNATURE',
    `the bundle is refused: ${why}`,
    'Sign it with summit policy sign.',
  );
