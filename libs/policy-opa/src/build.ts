import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InvalidInputError } from '@summit/kernel';
import { readFiles, writeFiles } from './bundle.ts';
import { type Files } from './tar.ts';

const run = promisify(execFile);

export interface BuildOptions {
  /** Path of the `opa` program, 1.22 or newer. */
  readonly opa: string;
  /** Rego modules and one `data.json`, by their name in the bundle. Tests (`_test.rego`) stay out. */
  readonly files: Files;
  readonly entries: readonly string[];
}

/**
 * Compiles Rego into a bundle whose bytes depend on its files and on OPA's version alone. Throws
 * {@link InvalidInputError} `POLICY_BUILD_FAILED` with what OPA said.
 */
export async function buildBundle({ opa, files, entries }: BuildOptions): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), 'summit-policy-'));
  try {
    for (const [name, bytes] of files) {
      if (!name.endsWith('_test.rego')) await put(join(directory, 'source', name), bytes);
    }
    const cwd = join(directory, 'source');
    const output = join(directory, 'bundle.tar.gz');
    await opaRun(opa, cwd, ['check', '--strict', '--bundle', '.']);
    const entryFlags = entries.flatMap((entry) => ['--entrypoint', entry]);
    await opaRun(opa, cwd, ['build', '--target', 'wasm', ...entryFlags, '--output', output, '--bundle', '.']);
    return writeFiles(readFiles(await readFile(output)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

async function opaRun(opa: string, cwd: string, args: readonly string[]): Promise<void> {
  try {
    await run(opa, args, { cwd });
  } catch (error) {
    const stderr =
      typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    throw new InvalidInputError(
      'POLICY_BUILD_FAILED',
      `opa ${args[0] ?? ''} says: ${stderr.trim() || String(error)}`,
      'Mend the rule that it names.',
      { cause: error },
    );
  }
}
