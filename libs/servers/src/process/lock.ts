import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts';
import { waitFor } from './wait-for.ts';

/**
 * Runs `work` while no other process runs one under the same lock file. A lock whose holder is dead is taken over.
 * Throws where a living holder keeps it longer than the deadline, and whatever `work` throws.
 */
export async function withLock<T>(lockFile: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  const taken = await waitFor(() => (tryLock(lockFile) ? true : undefined), { deadlineMs, everyMs: 100 });
  if (!taken) {
    const holder = holderOf(lockFile);
    throw new Error(`${lockFile} is held by process ${String(holder?.pid ?? 'unknown')} for too long`);
  }
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/** The file appears whole or not at all, by a hard link, so that nobody reads half a holder. */
function tryLock(lockFile: string): boolean {
  const holder = holderOf(lockFile);
  if (holder && isAlive(holder)) return false;
  if (holder) rmSync(lockFile, { force: true });
  const own = `${lockFile}.${String(process.pid)}`;
  writeFileSync(own, JSON.stringify(identityOf(process.pid)));
  try {
    linkSync(own, lockFile);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderOf(lockFile: string): ProcessIdentity | undefined {
  try {
    return readIdentity(JSON.parse(readFileSync(lockFile, 'utf8')));
  } catch {
    return undefined;
  }
}

/** What {@link withLock} and the process files write; undefined for anything else. */
export function readIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value))
    return undefined;
  const { pid, started } = value;
  return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
}
