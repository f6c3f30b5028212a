import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from '@summit/kernel';

/** Only the owner may read what lies in a key directory. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/** Makes a directory, its parents too, durable. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (first !== undefined)
    for (let at = path; at.length >= first.length; at = dirname(at)) syncDirectory(dirname(at));
}

/** A file's bytes, or undefined where there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Creates a file whole and durable, unless another process was first: a link either takes the name or fails.
 * Returns the bytes that stand there afterwards, one's own or the winner's.
 */
export function createOnce(path: string, unique: string, bytes: Buffer): Buffer {
  const draft = `${path}.${unique}`;
  const file = openSync(draft, 'wx', PRIVATE_FILE);
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(dirname(path));
  return readFileSync(path);
}

/** Replaces bytes in the middle of a file, durably, without touching what others append. */
export function overwrite(path: string, position: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, bytes.length, position);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Adds a line to a file that several processes add to; a short append is never torn apart by another's. */
export function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a', PRIVATE_FILE);
  try {
    writeSync(file, line + '\n');
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Names in a directory live as long as the directory's own entry is on the disk. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
