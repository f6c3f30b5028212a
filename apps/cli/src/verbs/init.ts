import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidInputError } from '@summit/kernel';
import { repositoryRoot } from '@summit/servers';
import type { Command } from 'commander';
import { type Given, type Outcome, runs } from '../verb.ts';

const TEMPLATE = join(repositoryRoot, 'apps', 'cli', 'templates', 'app');
/** What the template imports, for its tests and for editors; executors lend these by themselves. */
const LENT = ['@summit/sdk', '@summit/agents', '@summit/testing', 'zod', '@types/node'];

export function addInit(program: Command): void {
  const command = program
    .command('init <dir>')
    .description('a small app to start from: agent, tool, policy, test');
  runs(command, init);
}

async function init(given: Given): Promise<Outcome> {
  const dir = resolve(given.args[0] ?? '');
  if (!isFree(dir)) throw taken(dir);
  mkdirSync(dir, { recursive: true });
  cpSync(TEMPLATE, dir, { recursive: true });
  for (const name of LENT) lend(name, dir);
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(TEMPLATE.length + 1))
    .sort();
  const next = [
    `./summit up --app ${quoted(dir)}`,
    "./summit run desk --message 'Turing for 2 hours, please.' --follow",
  ];
  const text = [`an app in ${dir}:`, ...files.map((file) => `  ${file}`), '', 'next:', ...next].join('\n');
  return { document: { ok: true, dir, files, next }, text };
}

/** Nothing stands there, or an empty directory. */
function isFree(dir: string): boolean {
  const entry = lstatSync(dir, { throwIfNoEntry: false });
  return entry === undefined || (entry.isDirectory() && readdirSync(dir).length === 0);
}

/** A link of its own for each package: what a package manager does here never reaches into the runtime. */
function lend(name: string, dir: string): void {
  const own = join(repositoryRoot, 'node_modules', name);
  if (!existsSync(own)) return; // types are for development alone
  const link = join(dir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(realpathSync(own), link);
}

const quoted = (path: string): string =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

const taken = (dir: string): InvalidInputError =>
  new InvalidInputError(
    'DIRECTORY_NOT_EMPTY',
    `${dir} is there and is not an empty directory`,
    'Name a directory that is new or empty: nothing is overwritten.',
  );
