import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first executable file of that name on PATH. */
export function onPath(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  return directories.map((dir) => join(dir, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Another user, where root runs a program. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** What a program prints about itself on either output; empty where it fails. */
export function outputOf(program: string, args: readonly string[], user: RunAs = {}): string {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000, ...user });
  return status === 0 ? `${stdout}\n${stderr}` : '';
}

/** Runs a registry's client to its end. Throws with the last lines of what it said. */
export function runClient(
  program: string,
  args: readonly string[],
  { cwd, env, ...user }: RunAs & { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
    let said = '';
    const keep = (chunk: Buffer): void => {
      said = (said + chunk.toString('utf8')).slice(-2_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`${program} ${args[0] ?? ''} failed: ${said.trim().split('\n').slice(-3).join(' ')}`),
        );
    });
  });
}
