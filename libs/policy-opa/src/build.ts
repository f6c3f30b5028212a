import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';
import { readFiles, writeFiles } from './bundle.ts';
import { type Files } from './tar.ts';

const run = promisify(execFile);
/** Bytes that OPA may print. */
const MAX_OUTPUT = 64 * 1024 * 1024;

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
  const shipped = new Map([...files].filter(([name]) => !isTest(name)));
  return staged(shipped, async (cwd) => {
    const output = join(cwd, '..', 'bundle.tar.gz');
    await opaRun(opa, cwd, ['check', '--strict', '--bundle', '.']);
    const entryFlags = entries.flatMap((entry) => ['--entrypoint', entry]);
    await opaRun(opa, cwd, ['build', '--target', 'wasm', ...entryFlags, '--output', output, '--bundle', '.']);
    const built = readFiles(await readFile(output));
    // OPA leaves compiled rules out of the Rego that it encloses; whoever reads the bundle should see them.
    return writeFiles(new Map([...built].map(([name, bytes]) => [name, shipped.get(name) ?? bytes])));
  });
}

/** What `opa test` found. */
export interface PolicyTestResult {
  readonly passed: number;
  /** Names of the tests that failed, with package. */
  readonly failed: readonly string[];
}

/** Runs the tests (`_test.rego`) among the files. Throws `POLICY_BUILD_FAILED` where they do not compile. */
export async function testPolicies({ opa, files }: Omit<BuildOptions, 'entries'>): Promise<PolicyTestResult> {
  return staged(files, async (cwd) => {
    await opaRun(opa, cwd, ['check', '--strict', '--bundle', '.']);
    const report = await opaRun(opa, cwd, ['test', '--format', 'json', '--bundle', '.'], [0, 2]);
    const tests = testReport.parse(JSON.parse(report || '[]'));
    const failed = tests.filter(({ fail, error }) => fail === true || error !== undefined);
    return {
      passed: tests.length - failed.length,
      failed: failed.map((test) => `${test.package}.${test.name}`),
    };
  });
}

/** Of `opa test --format json`. */
const testReport = z.array(
  z.object({
    package: z.string(),
    name: z.string(),
    fail: z.boolean().optional(),
    error: z.unknown().optional(),
  }),
);

export const isTest = (name: string): boolean => name.endsWith('_test.rego');

async function staged<T>(files: Files, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'summit-policy-'));
  const source = join(directory, 'source');
  try {
    for (const [name, bytes] of files) await put(join(source, name), bytes);
    return await work(source);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Runs OPA; its stdout. An exit status that is not expected is thrown, with what OPA says of the reason. */
async function opaRun(
  opa: string,
  cwd: string,
  args: readonly string[],
  expected: readonly number[] = [0],
): Promise<string> {
  try {
    const { stdout } = await run(opa, args, { cwd, maxBuffer: MAX_OUTPUT });
    return stdout;
  } catch (error) {
    const { code, stdout, stderr } = endSchema.parse(error);
    if (typeof code === 'number' && expected.includes(code)) return stdout;
    throw new InvalidInputError(
      'POLICY_BUILD_FAILED',
      `opa ${args[0] ?? ''} says: ${stderr.trim() || stdout.trim() || String(error)}`,
      code === 'ENOENT' ? 'Put opa 1.22 or newer on PATH.' : 'Mend the rule that it names.',
      { cause: error },
    );
  }
}

/** How a program ended, as `execFile` throws it. */
const endSchema = z.object({
  code: z.union([z.number(), z.string()]).nullish(),
  stdout: z.string().default(''),
  stderr: z.string().default(''),
});
