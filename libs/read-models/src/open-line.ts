import { type Commit, decodeCommit, type Opener } from '@summit/events';

/** Opens a line for the names in it: payloads that stand in the object store read as null, and are not fetched. */
export function decodeNames(
  partition: number,
  line: string,
  opener: Opener,
): { readonly id: string; readonly commit: Commit; readonly erased: boolean } {
  const decoded = decodeCommit(partition, line, opener);
  if (!decoded.references) return decoded;
  const absent = new Map(decoded.references.map(({ digest }) => [digest, null]));
  return decodeCommit(partition, line, opener, absent);
}
