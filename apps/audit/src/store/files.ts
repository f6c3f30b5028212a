/** Files that are there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, sha256, subjectToken } from '@summit/kernel';

/** File names end at 255 bytes; longer tenants go by their digest. */
const MAX_NAME = 128;

/** A tenant's name as that of a directory. */
export function tenantDirectory(tenant: string): string {
  const token = subjectToken(tenant);
  return token.length <= MAX_NAME ? `t-${token}` : `h-${sha256(tenant)}`;
}

/** Puts a file in its place, durable before it has its name. */
export async function putFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}~`;
  const file = await openIn(draft, 'wx');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** Adds to a file's end, durably. */
export async function appendFile(path: string, text: string): Promise<void> {
  const file = await openIn(path, 'a');
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes the directory when it turns out to be missing, which is seldom. */
async function openIn(path: string, flags: 'a' | 'wx') {
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, flags, 0o600);
  }
}

/** A file's bytes, or undefined where there is none. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}
