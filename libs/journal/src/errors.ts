import { ConflictError, InvalidInputError, TerminalError } from '@summit/kernel';

/** Where a journal stopped being what was written. */
export interface BrokenPlace {
  readonly partition: number;
  readonly sequence: number;
  /** Position of the commit in its group, from 0; absent where the group itself is at fault. */
  readonly commit?: number;
  readonly what: string;
  readonly expected: string | number;
  readonly found: string | number;
}

/** Stored bytes do not link up. The partition stops; the others go on. */
export function journalBroken(place: BrokenPlace): TerminalError {
  const { partition, sequence, commit, what, expected, found } = place;
  const where = `partition ${String(partition)}, sequence ${String(sequence)}${commit === undefined ? '' : `, commit ${String(commit)}`}`;
  return new TerminalError(
    'JOURNAL_BROKEN',
    `${where}: ${what} should be ${String(expected)}, but is ${String(found)}`,
    'Stop writing to this partition; run summit verify --journal on an export and compare with a backup.',
    { detail: place },
  );
}

export const commitTooLarge = (id: string, bytes: number, limit: number): InvalidInputError =>
  new InvalidInputError(
    'COMMIT_TOO_LARGE',
    `commit ${id} has ${String(bytes)} bytes, more than the ${String(limit)} that one may have`,
    'Send less at once, or put large data into the object store and pass its reference.',
  );

/** Another leader's append took the place, or this writer was told to stop. Its memory is void. */
export const journalLost = (partition: number, reason: string): ConflictError =>
  new ConflictError(
    'JOURNAL_LOST',
    `this process no longer writes partition ${String(partition)}: ${reason}`,
    'Nothing to do: the command is unknown here; the partition’s new leader answers when it is sent again.',
  );
