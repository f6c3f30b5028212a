import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { canonicalJson, InvalidInputError } from '@summit/kernel';
import { TENANT_ENTRIES } from '@summit/policy';
import { buildBundle, isTest } from './build.ts';
import { mergedData, readFiles, withData } from './bundle.ts';
import { json } from './signature.ts';
import { type Files } from './tar.ts';

export interface TenantBundleOptions {
  /** The bundle that is built upon, as stored: the release's development bundle. */
  readonly base: Uint8Array;
  /** The tenant's own Rego and `data.json`; see {@link readPolicies}. */
  readonly files: Files;
  /** Path of the `opa` program. Needed where there is Rego. */
  readonly opa?: string;
}

/** Packages that stay the release's. */
const RESERVED = new Set(['summit.question', 'summit.root']);
const PACKAGE = /^\s*package\s+([\w.]+)/m;

/** A directory's Rego files and its `data.json`, by name. */
export async function readPolicies(directory: string): Promise<Files> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => name.endsWith('.rego') || name === 'data.json')
    .sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
  );
}

/**
 * A tenant's bundle, unsigned. Its `data.json` goes over the base's data; a Rego package of its own takes the place
 * of the base's package of that name (`summit.action`, say), whole. Without Rego nothing is compiled, and no OPA is
 * needed. Throws `POLICY_BUILD_FAILED`, `POLICY_BUNDLE_INVALID`.
 */
export async function tenantBundle({ base, files, opa }: TenantBundleOptions): Promise<Uint8Array> {
  const shipped = [...files.keys()].filter((name) => name.endsWith('.rego') && !isTest(name));
  if (shipped.length === 0) return withData(base, ownData(files));
  if (opa === undefined) {
    throw new InvalidInputError(
      'POLICY_BUILD_FAILED',
      `${shipped[0] ?? ''} has to be compiled, and there is no OPA`,
      'Put opa 1.22 or newer on PATH, or keep to data.json.',
    );
  }
  return buildBundle({ opa, files: tenantFiles(base, files), entries: TENANT_ENTRIES });
}

/** The sources of a tenant's bundle, its tests included. */
export function tenantFiles(base: Uint8Array, files: Files): Files {
  const own = [...files].filter(([name]) => name.endsWith('.rego'));
  const packages = new Set(
    own.filter(([name]) => !isTest(name)).map(([name, bytes]) => packageOf(name, bytes)),
  );
  const reserved = [...packages].find((name) => RESERVED.has(name));
  if (reserved !== undefined) {
    throw new InvalidInputError(
      'POLICY_BUILD_FAILED',
      `the package ${reserved} is the release's own`,
      'Use another package name.',
    );
  }
  const result = new Map<string, Uint8Array>();
  const stored = readFiles(base);
  for (const [name, bytes] of stored) {
    if (name.endsWith('.rego') && !packages.has(packageOf(name, bytes))) result.set(name, bytes);
  }
  for (const [name, bytes] of own) result.set(`tenant/${name}`, bytes);
  const defaults = stored.get('data.json');
  const data = mergedData(defaults === undefined ? {} : json(defaults), ownData(files));
  return result.set('data.json', new TextEncoder().encode(canonicalJson(data)));
}

function ownData(files: Files): Readonly<Record<string, unknown>> {
  const own = files.get('data.json');
  return own === undefined ? {} : json(own);
}

function packageOf(name: string, bytes: Uint8Array): string {
  const found = PACKAGE.exec(new TextDecoder().decode(bytes))?.[1];
  if (found !== undefined) return found;
  throw new InvalidInputError('POLICY_BUILD_FAILED', `${name} names no package`, 'Begin it with package ….');
}
