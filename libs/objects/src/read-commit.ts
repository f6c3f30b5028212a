import { decodeCommit, type DecodedCommit, type Opener, type PayloadReference } from '@summit/events';
import { type Json } from '@summit/kernel';
import { type ObjectStore } from './object-store.ts';
import { openObject } from './sealed-object.ts';

/** Where a commit's line stands, and what opens it. */
export interface CommitReading {
  readonly partition: number;
  readonly opener: Opener;
  readonly objects: Pick<ObjectStore, 'get'>;
}

/**
 * {@link decodeCommit} with the objects that the commit refers to, each at its place: for recovery and projections.
 * Rejects as decodeCommit throws, and as {@link ObjectStore.get} does.
 */
export async function readCommit(
  line: string,
  { partition, opener, objects }: CommitReading,
): Promise<DecodedCommit> {
  const decoded = decodeCommit(partition, line, opener);
  const { references, commit } = decoded;
  if (!references) return decoded;
  const payloads = new Map<string, Json>();
  await Promise.all(
    references.map(async (reference: PayloadReference) => {
      const bytes = await objects.get(commit.tenant, reference.digest);
      const text = openObject(opener, commit, reference.salt, bytes);
      if (text !== undefined) payloads.set(reference.digest, JSON.parse(text) as Json);
    }),
  );
  return decodeCommit(partition, line, opener, payloads);
}
