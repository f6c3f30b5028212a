import { splitLine } from '@summit/events';
import { isObject } from '@summit/kernel';

/** A run, as its commits name it. */
export interface RunName {
  readonly tenant: string;
  readonly runId: string;
}

/** A commit of a run as it is stored, and the group that holds it. */
export interface RunLine {
  readonly sequence: number;
  readonly line: string;
}

/** How leaders begin a commit; what is written otherwise is parsed. */
const BEGINNING = /^\{"tenant":"([^"\\]*)","entity":\{"kind":"([a-z]+)","id":"([^"\\]*)"\}/;
const LINE_FEED = 10;

/** Names a run in maps. // I8: never without its tenant */
export const runKey = ({ tenant, runId }: RunName): string => `${tenant}\n${runId}`;

/** The run that a {@link runKey} names. */
export function runOfKey(key: string): RunName {
  const end = key.lastIndexOf('\n');
  return { tenant: key.slice(0, end), runId: key.slice(end + 1) };
}

/** The key of the run that a stored commit belongs to; undefined where it is of no run. Opens nothing. */
export function keyOfLine(line: string): string | undefined {
  const match = BEGINNING.exec(line);
  const [, tenant, kind, id] = match ?? parsed(line);
  return kind === 'run' && tenant !== undefined && id !== undefined
    ? runKey({ tenant, runId: id })
    : undefined;
}

function parsed(line: string): (string | undefined)[] {
  const { tenant, entity } = clearOf(line);
  if (!isObject(entity)) return [];
  return ['', tenant, entity['kind'], entity['id']].map((part) =>
    typeof part === 'string' ? part : undefined,
  );
}

/** When a stored commit was made, milliseconds since the epoch. */
export function timeOfLine(line: string): number {
  const { at } = clearOf(line);
  return typeof at === 'number' ? at : 0;
}

function clearOf(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(splitLine(line).clear);
  return isObject(value) ? value : {};
}

/** The commits of a group, as they are stored. Links are checked by those who keep what they make of the journal. */
export function linesOf(bytes: Uint8Array): string[] {
  const header = bytes.indexOf(LINE_FEED) + 1;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + header, bytes.byteLength - header).toString();
  const lines = text.split('\n');
  lines.pop();
  return lines;
}

/** Whether a group may hold commits of a run: a search in its bytes, cheaper than reading it. */
export function mentions(bytes: Uint8Array, runId: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(runId);
}
