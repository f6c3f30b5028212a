import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isObject } from '@summit/kernel';
import { repositoryRoot } from '@summit/servers';

export interface Ended {
  readonly code: number | null;
  readonly document: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

/** The command line as a process, with `--json`, in a directory of the caller's. */
export async function summit(args: readonly string[], cwd = repositoryRoot): Promise<Ended> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  return jsonOf(process.execPath, ['--import', hook, main, ...args, '--json'], cwd);
}

/** What the command line says to people, where it ends well. */
export async function summitText(args: readonly string[]): Promise<string> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const { code, stdout, stderr } = await ended(
    process.execPath,
    ['--import', hook, main, ...args],
    repositoryRoot,
  );
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function jsonOf(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const { code, stdout, stderr } = await ended(program, args, cwd);
  const document: unknown = JSON.parse(stdout || '{}');
  return { code, document: isObject(document) ? document : {}, stderr };
}

/** Runs a program to its end. */
export async function ended(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  // Jest's environment is a copy: what a test sets in it is not handed on by itself.
  const child = spawn(program, args, { cwd, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
