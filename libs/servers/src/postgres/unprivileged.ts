import { chownSync, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { TerminalError } from '@summit/kernel';
import { outputOf } from '../find/run-program.ts';

/** How to run a program that refuses to run as root. */
export interface Unprivileged {
  /** Put before the program. */
  readonly prefix: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Gives a file or directory to whoever the program runs as. */
  own(path: string): void;
}

/**
 * Not root: as it is. Root: in a user namespace, where root's files belong to an ordinary user, so that the data may
 * lie anywhere, under /root too; where namespaces are forbidden, as the user `postgres` or `nobody`.
 * Throws `POSTGRES_NEEDS_USER`.
 */
export function unprivileged(program: string): Unprivileged {
  if (userInfo().uid !== 0) return { prefix: [], own: () => undefined };
  const user = ['postgres', 'nobody'].map(idsOf).find(Boolean);
  if (!user) throw needsUser(program);
  const { uid, gid } = user;
  const prefix = ['unshare', '--user', `--map-user=${String(uid)}`, `--map-group=${String(gid)}`, '--'];
  if (outputOf(prefix[0] ?? '', [...prefix.slice(1), program, '--version']) !== '') {
    return { prefix, own: () => undefined };
  }
  if (outputOf(program, ['--version'], user) === '') throw needsUser(program);
  return {
    prefix: [],
    user,
    own: (path) => {
      if (existsSync(path)) chownSync(path, uid, gid);
    },
  };
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  const uid = Number.parseInt(outputOf('id', ['-u', name]), 10);
  const gid = Number.parseInt(outputOf('id', ['-g', name]), 10);
  return Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid };
}

function needsUser(program: string): TerminalError {
  return new TerminalError(
    'POSTGRES_NEEDS_USER',
    `PostgreSQL does not run as root, and no other user here can run ${program}`,
    'Run as an ordinary user, move the project to a directory that others may enter, or set SUMMIT_POSTGRES_URL.',
  );
}
