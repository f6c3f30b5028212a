import { gunzipSync, gzipSync } from 'node:zlib';
import {
  canonicalJson,
  type Digest,
  InvalidInputError,
  isObject,
  RefusedError,
  sha256,
} from '@summit/kernel';
import { type PolicyIdentity, policyIdentity } from '@summit/policy';
import { z } from 'zod';
import { ENGINE, PolicyInstance } from './instance.ts';
import { meter } from './meter.ts';
import { json, signFiles, SIGNATURES, type TrustedKey, verifyFiles } from './signature.ts';
import { type Files, readTar, writeTar } from './tar.ts';

/** A tenant's data is at most this long as canonical JSON, in bytes. */
export const MAX_DATA_BYTES = 1024 * 1024;
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** A policy that was checked and can be activated. */
export interface Bundle {
  readonly identity: PolicyIdentity;
  /** As stored (tar.gz): what `identity.bundle` is the digest of. */
  readonly bytes: Uint8Array;
  /** Metered; shared by every tenant that has the same wasm. */
  readonly module: WebAssembly.Module;
  /** Canonical JSON, UTF-8. */
  readonly data: Uint8Array;
  /** Entry points, and their numbers in the wasm. */
  readonly entries: ReadonlyMap<string, number>;
  /** Key that signed it; undefined where it was pinned. */
  readonly signedBy: string | undefined;
}

/** Why a bundle is believed: its digest is known, or a trusted key signed it. There is no third way. */
export type Trust = { readonly pinned: Digest } | { readonly keys: readonly TrustedKey[] };

const manifestSchema = z.object({
  wasm: z.array(z.object({ entrypoint: z.string(), module: z.string() })).min(1),
});

/**
 * Opens a bundle as `opa build -t wasm` makes it. Throws {@link RefusedError} `POLICY_BAD_SIGNATURE` where it is not
 * to be believed, {@link InvalidInputError} `POLICY_BUNDLE_INVALID` where it can not be used (among others: a builtin
 * that the evaluator lacks, which is named).
 */
export async function openBundle(bytes: Uint8Array, trust: Trust): Promise<Bundle> {
  const digest = sha256(bytes);
  if ('pinned' in trust && trust.pinned !== digest) {
    throw new RefusedError(
      'POLICY_BAD_SIGNATURE',
      `the bundle ${digest} is not the pinned ${trust.pinned}`,
      'Restore the bundle, or pin the new digest.',
    );
  }
  const files = readFiles(bytes);
  const signedBy = 'keys' in trust ? await verifyFiles(files, trust.keys) : undefined;
  const data = dataOf(files);
  const wasm = wasmOf(files);
  const { module, entries } = compiled(wasm, data);
  const identity = policyIdentity({ bundle: digest, wasm: sha256(wasm), data: sha256(data), engine: ENGINE });
  return { identity, bytes, module, data, entries, signedBy };
}

/**
 * The same policy with data of a tenant's own over its defaults: `tenant` member by member, everything else as a
 * whole. Needs no OPA. Unsigned.
 */
export function withData(bytes: Uint8Array, own: Readonly<Record<string, unknown>>): Uint8Array {
  const files = new Map(readFiles(bytes));
  const stored = files.get('data.json');
  const data = mergedData(stored === undefined ? {} : json(stored), own);
  files.set('data.json', new TextEncoder().encode(canonicalJson(data)));
  files.delete(SIGNATURES);
  return writeFiles(files);
}

/** A tenant's data over the defaults. */
export function mergedData(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const [ours, theirs] = [defaults['tenant'], own['tenant']].map((tenant) =>
    isObject(tenant) ? tenant : {},
  );
  return { ...defaults, ...own, tenant: { ...ours, ...theirs } };
}

/** Signs a bundle, in place of any signature that it has. OPA accepts it too (`opa build --verification-key`). */
export async function signBundle(bytes: Uint8Array, key: TrustedKey): Promise<Uint8Array> {
  const files = new Map(readFiles(bytes));
  files.delete(SIGNATURES);
  files.set(SIGNATURES, new TextEncoder().encode(await signFiles(files, key)));
  return writeFiles(files);
}

/** The files of a bundle. Throws `POLICY_BUNDLE_INVALID`. */
export function readFiles(bytes: Uint8Array): Files {
  let archive: Uint8Array;
  try {
    archive = gunzipSync(bytes, { maxOutputLength: MAX_BUNDLE_BYTES });
  } catch (cause) {
    throw invalid('it is no tar.gz of at most 16 MiB', cause);
  }
  return readTar(archive);
}

/** A bundle of files. Stored, not compressed: its bytes depend on nothing but the files, not on a zlib's version. */
export function writeFiles(files: Files): Uint8Array {
  const bytes = gzipSync(writeTar(files), { level: 0 });
  bytes[9] = 255; // the operating system: unknown (RFC 1952)
  return bytes;
}

function wasmOf(files: Files): Uint8Array {
  const manifest = manifestSchema.safeParse(json(files.get('.manifest') ?? new Uint8Array()));
  const modules = new Set(manifest.data?.wasm.map(({ module }) => module.replace(/^\/+/, '')));
  const [name = ''] = modules;
  const wasm = files.get(name);
  if (modules.size !== 1 || wasm === undefined) throw invalid('it holds no wasm module, or several');
  return wasm;
}

function dataOf(files: Files): Uint8Array {
  const other = [...files.keys()].find((name) => name.endsWith('/data.json'));
  if (other !== undefined)
    throw invalid(`it holds ${other}; all data belongs into the one data.json at its top`);
  const stored = files.get('data.json');
  const data = new TextEncoder().encode(stored === undefined ? '{}' : canonicalJson(json(stored)));
  if (data.length > MAX_DATA_BYTES)
    throw invalid(`its data is ${String(data.length)} bytes long, over 1 MiB`);
  return data;
}

function compiled(wasm: Uint8Array, data: Uint8Array): Pick<Bundle, 'module' | 'entries'> {
  let module: WebAssembly.Module;
  let trial: PolicyInstance;
  try {
    module = new WebAssembly.Module(meter(wasm));
    trial = new PolicyInstance(module, data);
  } catch (cause) {
    throw invalid('its wasm does not load', cause);
  }
  const missing = trial.missingBuiltins();
  if (missing.length > 0) throw invalid(`it uses what wasm can not run: ${missing.join(', ')}`);
  return { module, entries: trial.entries };
}

const invalid = (why: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(
    'POLICY_BUNDLE_INVALID',
    `the bundle can not be used: ${why}`,
    'Build it with summit policy build.',
    {
      cause,
    },
  );
