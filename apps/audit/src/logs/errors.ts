import { NotFoundError, partitionToken, RetryableError, TerminalError } from '@summit/kernel';
import { type LogName, type Tile, tilePath } from '@summit/transparency-log';

/** The journal no longer makes the tree that was signed: it or the checkpoints were changed. Nothing more is signed. */
export const logForked = ({ tenant, partition }: LogName, size: number, why: string): TerminalError =>
  new TerminalError(
    'LOG_FORKED',
    `the log of ${tenant} in partition ${partitionToken(partition)} forks at size ${String(size)}: ${why}`,
    'Stop; keep journal, checkpoints and tiles as they are; run summit verify and compare with a backup.',
    { detail: { tenant, partition, size, why } },
  );

/** The same for the head of a partition's journal. */
export const headForked = (partition: number, sequence: number, why: string): TerminalError =>
  new TerminalError(
    'LOG_FORKED',
    `the journal of partition ${partitionToken(partition)} forks at sequence ${String(sequence)}: ${why}`,
    'Stop; keep journal, checkpoints and tiles as they are; run summit verify and compare with a backup.',
    { detail: { partition, sequence, why } },
  );

/** There is no such thing, or none that the caller may know of. // I8 */
export const logNotFound = (what: string): NotFoundError =>
  new NotFoundError(
    'LOG_NOT_FOUND',
    `there is no ${what}`,
    'Look at the ids; a log is seen by its own tenant alone.',
  );

/** The commit may exist; no checkpoint covers it. */
export const notLogged = (id: string): NotFoundError =>
  new NotFoundError(
    'NOT_LOGGED',
    `no checkpoint covers ${id}`,
    'Ask again in a second: a commit is covered soon after it is durable.',
  );

/** A tile that a signed tree has is not stored. */
export const tileMissing = (tile: Tile): RetryableError =>
  new RetryableError(
    'TILE_MISSING',
    `tile ${tilePath(tile)} is not stored`,
    'Make the tiles anew from the journal: summit rebuild audit.',
  );
