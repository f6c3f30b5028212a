import { type Commit, decodeCommit, type Opener } from '@summit/events';
import { hasCode } from '@summit/kernel';

interface Opened {
  readonly id: string;
  readonly commit: Commit;
  readonly erased: boolean;
}

/**
 * Opens a line for the names in it: payloads that stand in the object store read as null, and are not fetched. Where
 * null can not stand in a payload's place (a patch, a message), its event reads without data, as if it were erased.
 */
export function decodeNames(partition: number, line: string, opener: Opener): Opened {
  const decoded = decodeCommit(partition, line, opener);
  if (!decoded.references) return decoded;
  const absent = new Map(decoded.references.map(({ digest }) => [digest, null]));
  try {
    return decodeCommit(partition, line, opener, absent);
  } catch (error) {
    if (hasCode(error, 'COMMIT_MALFORMED')) return decoded;
    throw error;
  }
}
