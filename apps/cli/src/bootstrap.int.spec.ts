import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { repositoryRoot, waitFor } from '@summit/servers';

const deadline = { deadlineMs: 10_000 };
let dir: string;
let root: string;
let lock: string;

/** A checkout with only the entry script, and a machine whose Node is old and whose npm writes down what it did. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit entry '));
  root = join(dir, 'a checkout');
  lock = join(root, '.summit', 'bootstrap.lock');
  mkdirSync(join(root, 'elsewhere'), { recursive: true });
  mkdirSync(join(dir, 'bin'));
  copyFileSync(join(repositoryRoot, 'summit'), join(root, 'summit'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  program(join(dir, 'bin', 'node'), 'echo 20');
  npm('');
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function program(file: string, lines: string): void {
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
}

/** An npm that brings a Node 24 which prints its arguments; `before` runs first. */
function npm(before: string): void {
  const node = `case "$1" in -p) echo 24 ;; *) printf '%s|' "$@" ;; esac`;
  program(
    join(dir, 'bin', 'npm'),
    `${before}
printf '%s\\n' "$*" >>'${join(dir, 'npm calls')}'
case "$*" in
  *node@24*) mkdir -p node_modules/node/bin && cp '${join(dir, 'node24')}' node_modules/node/bin/node ;;
  *) mkdir -p node_modules ;;
esac`,
  );
  program(join(dir, 'node24'), node);
}

const npmCalls = (): string[] => {
  const file = join(dir, 'npm calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  script = join(root, 'summit'),
  ...args: string[]
): { child: ChildProcess; ended: Promise<Ended> } {
  const PATH = `${join(dir, 'bin')}:/usr/bin:/bin`;
  const child = spawn('/bin/sh', [script, ...args], {
    cwd: join(root, 'elsewhere'),
    env: { PATH },
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended };
}

const run = (...args: string[]): Promise<Ended> => start(undefined, ...args).ended;
const command = (...args: string[]): string =>
  [
    '--import',
    join(root, 'tools', 'decorators.mjs'),
    join(root, 'apps', 'cli', 'src', 'main.ts'),
    ...args,
    '',
  ].join('|');

describe('./summit', () => {
  it('brings Node 24 and the dependencies once, then runs the command line, from any directory', async () => {
    const first = await run('up', '--app', 'a dir');
    expect(first).toMatchObject({ code: 0, stdout: command('up', '--app', 'a dir') });
    expect(npmCalls()).toHaveLength(2);
    expect((await run('status')).stdout).toBe(command('status'));
    expect(npmCalls()).toHaveLength(2);
  });

  it('works through a symbolic link', async () => {
    const link = join(dir, 'summit link');
    symlinkSync(join(root, 'summit'), link);
    expect((await start(link, 'status').ended).stdout).toBe(command('status'));
  });

  it('installs again when the lockfile has changed', async () => {
    await run('status');
    writeFileSync(join(root, 'package-lock.json'), '{"changed":true}');
    await run('status');
    expect(npmCalls()).toHaveLength(3);
  });

  it('of several first starts one installs, all run', async () => {
    npm('sleep 0.3');
    const all = await Promise.all([run('status'), run('status'), run('status')]);
    expect(all.map(({ stdout }) => stdout)).toEqual([1, 2, 3].map(() => command('status')));
    expect(npmCalls()).toHaveLength(2);
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over the lock of a start that was killed', async () => {
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, 'pid'), String(2 ** 22 + 1));
    expect((await run('status')).stdout).toBe(command('status'));
    expect(existsSync(lock)).toBe(false);
  });

  it('says what failed and leaves no lock, when npm fails', async () => {
    npm('echo "no network" >&2; exit 1');
    const failed = await run('status');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/no network[^]*npm could not install node@24/);
    expect(existsSync(lock)).toBe(false);
  });

  it('leaves no lock on Ctrl-C', async () => {
    npm(`touch '${join(dir, 'installing')}'; exec sleep 30`);
    const { child, ended } = start();
    expect(await waitFor(() => (existsSync(join(dir, 'installing')) ? true : undefined), deadline)).toBe(
      true,
    );
    if (child.pid === undefined) throw new Error('not started');
    process.kill(-child.pid, 'SIGINT'); // the terminal sends it to the whole group
    expect((await ended).code).toBe(130);
    expect(existsSync(lock)).toBe(false);
  });
});
