import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf, isAlive } from './identity.ts';
import { withLock } from './lock.ts';

let dir: string;
let lockFile: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-lock-'));
  lockFile = join(dir, 'lock');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('a lock', () => {
  it('lets one work at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await Promise.resolve();
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(lockFile, 5_000, work)));
    expect(most).toBe(1);
    expect(existsSync(lockFile)).toBe(false);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(lockFile, 100, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withLock(lockFile, 100, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('is taken over from a holder that is dead, even where its pid is in use again', async () => {
    writeFileSync(lockFile, JSON.stringify({ pid: process.pid, started: 'long ago' }));
    await expect(withLock(lockFile, 1_000, () => Promise.resolve('taken'))).resolves.toBe('taken');
  });

  it('is not taken from a living holder', async () => {
    writeFileSync(lockFile, JSON.stringify(identityOf(process.pid)));
    await expect(withLock(lockFile, 50, () => Promise.resolve())).rejects.toThrow(/held by process/);
  });
});

describe('the identity of a process', () => {
  it('is alive for this one, and for no other with its pid', () => {
    const own = identityOf(process.pid);
    expect(own && isAlive(own)).toBe(true);
    expect(isAlive({ pid: process.pid, started: 'another time' })).toBe(false);
  });

  it('is none for a pid that nobody has', () => {
    expect(identityOf(2 ** 22 + 1)).toBeUndefined();
  });
});
