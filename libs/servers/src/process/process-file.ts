import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from '@summit/kernel';
import { dataDirInUse } from '../errors.ts';
import { identityOf, isAlive, type ProcessIdentity } from './identity.ts';
import { readIdentity } from './lock.ts';
import { waitFor } from './wait-for.ts';

/** Written beside a server's data while it runs: who runs, and who started it. */
export interface ProcessFile {
  readonly server: ProcessIdentity;
  readonly owner: ProcessIdentity;
}

export function writeProcessFile(file: string, serverPid: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const content = { server: identityOf(serverPid), owner: identityOf(process.pid) };
  writeFileSync(file, `${JSON.stringify(content)}\n`);
}

/**
 * Makes sure that nothing runs on the directory any more. A server whose owner died (and whose watchdog died with
 * it) is ended. Throws `DATA_DIR_IN_USE` where server and owner live.
 */
export async function clearProcessFile(file: string): Promise<void> {
  const found = readProcessFile(file);
  if (found && isAlive(found.server)) {
    if (isAlive(found.owner)) throw dataDirInUse(dirname(file), found.server.pid);
    await endProcess(found.server, 'SIGTERM', 5_000);
  }
  rmSync(file, { force: true });
}

function readProcessFile(file: string): ProcessFile | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isObject(content)) return undefined;
    const server = readIdentity(content['server']);
    const owner = readIdentity(content['owner']);
    return server && owner ? { server, owner } : undefined;
  } catch {
    return undefined;
  }
}

/** The signal, a deadline, SIGKILL; returns when the process is gone. Never touches another with the same pid. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  deadlineMs: number,
): Promise<void> {
  const gone = (): true | undefined => (isAlive(identity) ? undefined : true);
  send(identity, signal);
  if (await waitFor(gone, { deadlineMs })) return;
  send(identity, 'SIGKILL');
  await waitFor(gone, { deadlineMs: 5_000 });
}

function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // It ended between the two lines.
  }
}
