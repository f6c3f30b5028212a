import { InvalidInputError } from './errors.ts';
import { sha256 } from './digest.ts';

/** Tokens of NATS subjects: everything else in an id is percent-encoded with `=` for `%`. */
const PLAIN = /^[a-z0-9_-]+$/;

/** Ids that people choose (tenants, users, threads) have at most this many UTF-8 bytes. */
export const MAX_NAME_BYTES = 256;

const encoder = new TextEncoder();

/**
 * One token of a NATS subject for any name: lower-case letters, digits, `-`, `_` stay, each other UTF-8 byte
 * becomes `=hh`. Throws {@link InvalidInputError} `INVALID_ID` for an empty or over-long name.
 */
export function subjectToken(name: string): string {
  if (PLAIN.test(name) && name.length <= MAX_NAME_BYTES) return name;
  const bytes = encoder.encode(name);
  if (bytes.length === 0 || bytes.length > MAX_NAME_BYTES || !name.isWellFormed()) {
    throw new InvalidInputError(
      'INVALID_ID',
      `an id of ${String(bytes.length)} bytes is not usable`,
      `Use 1 to ${String(MAX_NAME_BYTES)} bytes of well-formed text.`,
    );
  }
  let token = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    token += PLAIN.test(char) ? char : '=' + byte.toString(16).padStart(2, '0');
  }
  return token;
}

/** The name that {@link subjectToken} encoded. Throws {@link InvalidInputError} `INVALID_ID`. */
export function fromSubjectToken(token: string): string {
  try {
    const name = decodeURIComponent(token.replaceAll('=', '%'));
    if (subjectToken(name) === token) return name;
  } catch {
    // falls through to the one error below
  }
  throw new InvalidInputError('INVALID_ID', `"${token}" is not an encoded id`, 'Encode ids with = for %.');
}

/** Two digits: how a partition is written in subjects, streams and ids. */
export function partitionToken(partition: number): string {
  return String(partition).padStart(2, '0');
}

/** The partition of a thread: fixed for the life of a deployment of `partitions` slices. */
export function partitionOf(tenant: string, thread: string, partitions: number): number {
  return Number.parseInt(sha256(`${tenant}\n${thread}`).slice(0, 8), 16) % partitions;
}

/** Kinds of ids that the runtime makes and that route by themselves. */
export type IdKind = 'run' | 'apr';

const TIME_DIGITS = 9;
const ID = /^(run|apr)_(\d{2})_([0-9a-z]{9})([0-9a-z]{8,32})$/;

/** An id that names its partition and its time (base 36), so that a bare id routes and sorts. */
export function makeId(kind: IdKind, partition: number, at: number, random: string): string {
  return `${kind}_${partitionToken(partition)}_${at.toString(36).padStart(TIME_DIGITS, '0')}${random}`;
}

/** What an id made by {@link makeId} says, or undefined where it is none of ours. */
export function parseId(id: string): { kind: string; partition: number; at: number } | undefined {
  const match = ID.exec(id);
  if (!match) return undefined;
  return { kind: match[1] ?? '', partition: Number(match[2]), at: Number.parseInt(match[3] ?? '', 36) };
}
