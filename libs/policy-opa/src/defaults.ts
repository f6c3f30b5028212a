import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';
import { type Bundle, openBundle } from './bundle.ts';

const digestsSchema = z.object({
  /** Pinned digests of the stored bundles. */
  summit: z.string(),
  root: z.string(),
});

/** The policies that come with the release. */
export interface ReleasePolicies {
  /** Decides what must work whatever bundle a tenant has. */
  readonly root: Bundle;
  /** For development: what the app registers is allowed, what is sensitive asks people. */
  readonly development: Bundle;
}

const DIST = new URL('../../../policies/dist/', import.meta.url);

/** Opens the release's bundles. Throws where one is not what its pinned digest says. */
export async function releasePolicies(dist: URL = DIST): Promise<ReleasePolicies> {
  const digests = digestsSchema.safeParse(JSON.parse(await readFile(new URL('digests.json', dist), 'utf8')));
  if (!digests.success) {
    throw new InvalidInputError(
      'POLICY_BUNDLE_INVALID',
      'policies/dist/digests.json can not be read',
      'Restore it.',
    );
  }
  const open = async (name: 'root' | 'summit') =>
    openBundle(await readFile(new URL(`${name}.bundle.tar.gz`, dist)), { pinned: digests.data[name] });
  return { root: await open('root'), development: await open('summit') };
}
