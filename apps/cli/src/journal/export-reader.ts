import { type FileHandle, open } from 'node:fs/promises';
import { parseSectionLine, type Section } from './export-format.ts';
import {
  type JournalMaterial,
  type LogMaterial,
  type PartitionMaterial,
  type PlacedGroup,
} from './material.ts';
import { Found, type Place } from './place.ts';

/** Longer than any line before a part; tenants have at most 256 bytes. */
const MAX_LINE = 8 * 1024;

interface Part {
  readonly section: Section;
  /** Of its line. */
  readonly start: number;
  /** Of its bytes. */
  readonly body: number;
}

/** Opens an export. Throws {@link Found} where its parts are not as they should be. */
export async function readExport(file: string): Promise<JournalMaterial> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    return await materialOf(handle, await partsOf(handle, size));
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function partsOf(handle: FileHandle, size: number): Promise<Part[]> {
  const parts: Part[] = [];
  let at = 0;
  while (at < size) {
    const chunk = await bytesAt(handle, at, Math.min(MAX_LINE, size - at));
    const end = chunk.indexOf(0x0a);
    const section = end < 0 ? undefined : parseSectionLine(chunk.subarray(0, end).toString('utf8'));
    const last = parts.at(-1);
    if (!section)
      throw new Found(
        near(last, at + (end < 0 ? chunk.length : end + 1)),
        'what stands here is not a part of an export, or the part before it has another length',
      );
    const part = { section, start: at, body: at + end + 1 };
    expectOrder(last, part);
    parts.push(part);
    at = part.body + section.bytes;
    if (at > size) throw new Found(placeOf(part), `its ${String(section.bytes)} bytes are not all there`);
  }
  expectEnd(parts, size);
  return parts;
}

/** A length or an order that was changed shows at the next part: the place is both. */
function near(last: Part | undefined, end: number): Place {
  const offset = last?.start ?? 0;
  return { ...(last && placeOf(last)), offset, bytes: end - offset };
}

const partitionOf = (section: Section): { partition?: number } =>
  'partition' in section ? { partition: section.partition } : {};

function expectOrder(last: Part | undefined, part: Part): void {
  const place = near(last, part.body + part.section.bytes);
  if ((last === undefined) !== (part.section.section === 'journal')) {
    throw new Found(place, 'an export begins with the part journal, once');
  }
  if (part.section.section === 'journal' && part.section.bytes > 0)
    throw new Found(place, 'this part has no bytes');
  if (last && keyOf(last.section) >= keyOf(part.section))
    throw new Found(place, 'the parts are not in their order');
  if (last?.section.section === 'group' && part.section.section === 'group') {
    const [before, now] = [last.section, part.section];
    if (before.partition === now.partition && before.generation !== now.generation) {
      throw new Found(place, 'the generation changes');
    }
  }
}

/** Parts stand in the order of these texts. */
function keyOf(section: Section): string {
  const pad = (value: number): string => String(value).padStart(16, '0');
  switch (section.section) {
    case 'journal':
      return '0';
    case 'group':
      return `1 ${pad(section.partition)} 1 ${pad(section.generation)} ${pad(section.sequence)}`;
    case 'head':
      return `1 ${pad(section.partition)} 2`;
    case 'entries':
      return `1 ${pad(section.partition)} 3 ${hex(section.tenant)} 1`;
    case 'checkpoints':
      return `1 ${pad(section.partition)} 3 ${hex(section.tenant)} 2`;
    case 'end':
      return '2';
  }
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

function expectEnd(parts: readonly Part[], size: number): void {
  const last = parts.at(-1);
  if (last?.section.section !== 'end' || last.section.bytes > 0) {
    throw new Found(
      { section: 'end', offset: size, bytes: 0 },
      'the file does not end with the part end: it was cut off',
    );
  }
  if (last.section.sections !== parts.length - 1) {
    throw new Found(
      placeOf(last),
      `it says ${String(last.section.sections)} parts, and there are ${String(parts.length - 1)}`,
    );
  }
}

async function materialOf(handle: FileHandle, parts: readonly Part[]): Promise<JournalMaterial> {
  const [first] = parts;
  if (first?.section.section !== 'journal')
    throw new Found({ section: 'journal', offset: 0, bytes: 0 }, 'there is no first part');
  const { partitions: numbers, key } = first.section;
  const partitions: PartitionMaterial[] = [];
  for (const partition of numbers) {
    if (!parts.some(({ section }) => section.section === 'group' && section.partition === partition)) {
      throw new Found(placeOf(first), `partition ${String(partition)} is listed and has no groups`);
    }
    partitions.push(await partitionMaterial(handle, partition, parts));
  }
  const other = parts.find(({ section }) => 'partition' in section && !numbers.includes(section.partition));
  if (other) throw new Found(placeOf(other), 'its partition is not listed');
  const publicKey = Buffer.from(key, 'base64');
  if (publicKey.toString('base64') !== key || (key !== '' && publicKey.length !== 32)) {
    throw new Found(placeOf(first), 'its key is no key');
  }
  return {
    partitions,
    ...(key !== '' && { publicKey, keyPlace: placeOf(first) }),
    unchecked: [],
    close: () => handle.close(),
  };
}

async function partitionMaterial(
  handle: FileHandle,
  partition: number,
  all: readonly Part[],
): Promise<PartitionMaterial> {
  const parts = all.filter(({ section }) => 'partition' in section && section.partition === partition);
  const groups = parts.flatMap(({ section, ...part }) =>
    section.section === 'group' ? [{ section, ...part }] : [],
  );
  const head = parts.find(({ section }) => section.section === 'head');
  const tenants = new Set(parts.flatMap(({ section }) => ('tenant' in section ? [section.tenant] : [])));
  const logs: LogMaterial[] = [];
  for (const tenant of tenants) logs.push(await logMaterial(handle, tenant, partition, parts));
  return {
    partition,
    generation: groups[0]?.section.generation ?? 1,
    async *groups(): AsyncIterable<PlacedGroup> {
      for (const part of groups) {
        const { section, body } = part;
        yield {
          sequence: section.sequence,
          bytes: await bytesAt(handle, body, section.bytes),
          offset: body,
          whole: placeOf(part),
        };
      }
    },
    ...(head && { head: { note: await textOf(handle, head), place: placeOf(head) } }),
    logs,
  };
}

async function logMaterial(
  handle: FileHandle,
  tenant: string,
  partition: number,
  parts: readonly Part[],
): Promise<LogMaterial> {
  const part = (name: Section['section']): Part | undefined =>
    parts.find(({ section }) => section.section === name && 'tenant' in section && section.tenant === tenant);
  const [entries, checkpoints] = [part('entries'), part('checkpoints')];
  const entryLines = entries ? await linesOf(handle, entries) : [];
  const checkpointLines = checkpoints ? await linesOf(handle, checkpoints) : [];
  return {
    tenant,
    checkpoints: checkpointLines.map((line, i) => noteOf(line, checkpoints, i, checkpointLines)),
    ...(entries && { entries: entryLines }),
    place: (name, index) => {
      const [at, lines] = name === 'entries' ? [entries, entryLines] : [checkpoints, checkpointLines];
      if (!at) return { partition, tenant };
      return index === undefined ? placeOf(at) : lineOf(at, lines, index);
    },
  };
}

function noteOf(line: string, part: Part | undefined, i: number, lines: readonly string[]): string {
  try {
    const note: unknown = JSON.parse(line);
    if (typeof note === 'string' && JSON.stringify(note) === line) return note;
  } catch {
    // below
  }
  throw new Found(part ? lineOf(part, lines, i) : {}, 'a checkpoint is not written as it should be');
}

/** One line of a part. */
function lineOf(part: Part, lines: readonly string[], index: number): Place {
  const before = lines.slice(0, index).reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const bytes = Buffer.byteLength(lines[index] ?? '');
  return { ...placeOf(part), line: index + 1, offset: part.body + before, bytes };
}

async function linesOf(handle: FileHandle, part: Part): Promise<string[]> {
  const text = await textOf(handle, part);
  if (text !== '' && !text.endsWith('\n')) throw new Found(placeOf(part), 'its last line has no end');
  return text.split('\n').slice(0, -1);
}

async function textOf(handle: FileHandle, part: Part): Promise<string> {
  const bytes = await bytesAt(handle, part.body, part.section.bytes);
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  throw new Found(placeOf(part), 'it is not UTF-8');
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

function placeOf({ section, start, body }: Part): Place {
  const { bytes, section: name } = section;
  return {
    section: name,
    ...partitionOf(section),
    ...('sequence' in section && { sequence: section.sequence }),
    ...('tenant' in section && { tenant: section.tenant }),
    offset: start,
    bytes: body - start + bytes,
  };
}
