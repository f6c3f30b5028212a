import { isUtf8 } from 'node:buffer';
import { commitIdOf } from '@summit/audit';
import { decodeGroup, type Group, readLinks } from '@summit/journal';
import { type PlacedGroup } from './material.ts';
import { Found, type Place } from './place.ts';

/** A group whose bytes are those of a group; its links are checked elsewhere. */
export interface ReadGroup {
  readonly group: Group;
  readonly sequence: number;
  /** All of it, with what an export says of it. */
  readonly whole: Place;
  /** The place of a line, from 1: the header, then the commits. */
  place(line: number): Place;
}

/** Reads a group. Throws {@link Found} at the line that is none. */
export function readGroup(partition: number, { sequence, bytes, offset, whole }: PlacedGroup): ReadGroup {
  const lines = spans(bytes);
  const place = (line: number): Place => {
    const span = lines[line - 1] ?? lines.at(-1) ?? { start: 0, end: 0 };
    const at = offset === undefined ? {} : { offset: offset + span.start, bytes: span.end - span.start };
    return {
      partition,
      section: 'group',
      sequence,
      line,
      ...idOf(partition, bytes.subarray(span.start, span.end), line),
      ...at,
    };
  };
  for (const [i, { start, end }] of lines.entries()) {
    if (!isUtf8(bytes.subarray(start, end))) throw new Found(place(i + 1), 'the line is not UTF-8');
  }
  if (bytes.at(-1) !== 0x0a) throw new Found(place(lines.length), 'the last line of the group has no end');
  try {
    return {
      group: decodeGroup(bytes, { partition, sequence }),
      sequence,
      place,
      whole: whole ?? { partition, sequence },
    };
  } catch {
    throw new Found(place(1), 'the line is not the header of a group of commits');
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where lines begin and end, without their line feeds. */
function spans(bytes: Uint8Array): Span[] {
  const found: Span[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    found.push({ start, end });
    start = end + 1;
  }
  if (start < bytes.length) found.push({ start, end: bytes.length });
  return found;
}

/** The id that a commit's line gives itself, where it still does. */
function idOf(partition: number, line: Uint8Array, number: number): { commitId?: string } {
  const links = number === 1 ? undefined : readLinks(Buffer.from(line).toString('utf8'));
  if (!links) return {};
  try {
    return { commitId: commitIdOf({ partition, tenant: links.tenant, index: links.tenantIndex }) };
  } catch {
    return {};
  }
}
