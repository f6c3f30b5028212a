/**
 * The group: what one journal message holds. Pure.
 *
 * JSON lines, each ended by a line feed: the header, then one line a commit. Digests are over a line as stored,
 * without its line feed. `prev` = SHA-256(previous header line ‖ its commit digests in order, 32 raw bytes each).
 */
import { isUtf8 } from 'node:buffer';
import { type Digest, isObject, sha256, ZERO_DIGEST } from '@summit/kernel';
import { z } from 'zod';
import { journalBroken } from './errors.ts';

export const GROUP_VERSION = 1;
const LINE_FEED = 0x0a;

const headerSchema = z.strictObject({
  v: z.literal(GROUP_VERSION),
  partition: z.int().nonnegative(),
  generation: z.int().positive(),
  epoch: z.int().nonnegative(),
  groupId: z.string().min(1),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
});

/** First line of a group. `epoch` is the reign that wrote it, `groupId` is random, `prev` links to the group before. */
export type GroupHeader = z.infer<typeof headerSchema>;

/** A commit as it stands in a group. */
export interface StoredCommit {
  readonly line: string;
  /** SHA-256 of the line. */
  readonly digest: Digest;
}

/** A group read back. */
export interface Group {
  readonly header: GroupHeader;
  readonly headerLine: string;
  readonly commits: readonly StoredCommit[];
  /** What the next group's `prev` must be. */
  readonly digest: Digest;
}

/** A commit on its way into a group: its line, as text or as UTF-8. */
export interface CommitLine {
  readonly line: string | Uint8Array;
  readonly digest: Digest;
}

/** A group ready to be stored. */
export interface EncodedGroup {
  readonly bytes: Uint8Array;
  readonly headerLine: string;
  readonly digest: Digest;
}

/**
 * Writes a group. Lines must hold no line feed, which JSON text never does. `lineBytes` is their length in UTF-8
 * with a line feed each, where the caller knows it already.
 */
export function encodeGroup(
  header: Omit<GroupHeader, 'v'>,
  commits: readonly CommitLine[],
  lineBytes = bytesOf(commits),
): EncodedGroup {
  const { partition, generation, epoch, groupId, prev } = header;
  const headerLine = JSON.stringify({ v: GROUP_VERSION, partition, generation, epoch, groupId, prev });
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(headerLine) + 1 + lineBytes);
  let at = writeLine(bytes, 0, headerLine);
  for (const { line } of commits) at = writeLine(bytes, at, line);
  return { bytes, headerLine, digest: groupDigest(headerLine, commits) };
}

/** Straight into the message: joining the lines first would copy everything twice more. */
function writeLine(bytes: Buffer, at: number, line: string | Uint8Array): number {
  const end = at + (typeof line === 'string' ? bytes.write(line, at, 'utf8') : line.length);
  if (typeof line !== 'string') bytes.set(line, at);
  bytes[end] = LINE_FEED;
  return end + 1;
}

const bytesOf = (commits: readonly CommitLine[]): number =>
  commits.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 1, 0);

/** SHA-256(header line without line feed ‖ commit digests in order as raw bytes): the next group's `prev`. */
export function groupDigest(headerLine: string, commits: readonly Pick<StoredCommit, 'digest'>[]): Digest {
  const headerBytes = Buffer.byteLength(headerLine);
  const input = Buffer.allocUnsafe(headerBytes + 32 * commits.length);
  let at = input.write(headerLine, 0);
  for (const { digest } of commits) at += input.write(digest, at, 'hex');
  return sha256(input);
}

/** `prev` of a partition's very first group. */
export const FIRST_PREV: Digest = ZERO_DIGEST;

/** Where a group lies, for the message of a broken one. */
export interface GroupPlace {
  readonly partition: number;
  readonly sequence: number;
}

/** Reads a group; its links are checked elsewhere. Throws `JOURNAL_BROKEN` where the bytes are no group. */
export function decodeGroup(bytes: Uint8Array, place: GroupPlace): Group {
  // Without this, bytes that decode to U+FFFD could be changed into one another under the same digest.
  if (!isUtf8(bytes)) throw broken(place, 'the text', 'UTF-8', 'other bytes');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.endsWith('\n')) throw broken(place, 'the last byte', 'a line feed', 'another');
  const lines = text.split('\n');
  lines.pop();
  const headerLine = lines.shift() ?? '';
  const header = parseHeader(headerLine, place);
  if (lines.length === 0) throw broken(place, 'the number of commits', 'one or more', 0);
  const commits = lines.map((line) => ({ line, digest: sha256(line) }));
  return { header, headerLine, commits, digest: groupDigest(headerLine, commits) };
}

/** Reads the header alone. Throws `JOURNAL_BROKEN`. */
export function decodeHeader(bytes: Uint8Array, place: GroupPlace): GroupHeader {
  const end = bytes.indexOf(LINE_FEED);
  return parseHeader(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString('utf8'), place);
}

function parseHeader(line: string, place: GroupPlace): GroupHeader {
  const result = headerSchema.safeParse(parseJson(line));
  if (!result.success) throw broken(place, 'the header', 'that of a group, version 1', line.slice(0, 200));
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const broken = (place: GroupPlace, what: string, expected: string | number, found: string | number) =>
  journalBroken({ ...place, what, expected, found });

/** The clear members of a commit that link it. */
export interface CommitLinks {
  readonly tenant: string;
  readonly entity: string;
  readonly version: number;
  readonly tenantIndex: number;
  readonly tenantPrev: Digest;
}

/** Reads a commit's links, or undefined where the line is no commit. */
export function readLinks(line: string): CommitLinks | undefined {
  const value = parseJson(line);
  if (!isObject(value) || !isObject(value['entity'])) return undefined;
  const { tenant, version, tenantIndex, tenantPrev } = value;
  const { kind, id } = value['entity'];
  const named = typeof tenant === 'string' && typeof kind === 'string' && typeof id === 'string';
  if (
    !named ||
    typeof version !== 'number' ||
    typeof tenantIndex !== 'number' ||
    typeof tenantPrev !== 'string'
  ) {
    return undefined;
  }
  return { tenant, entity: `${kind} ${id}`, version, tenantIndex, tenantPrev };
}

/** When a commit was made, milliseconds since the epoch; undefined where the line is no commit. */
export function timeOf(line: string): number | undefined {
  const value = parseJson(line);
  return isObject(value) && typeof value['at'] === 'number' ? value['at'] : undefined;
}
