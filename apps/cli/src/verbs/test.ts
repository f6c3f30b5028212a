import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@summit/servers';
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { type Given, type Outcome, runs } from '../verb.ts';

/** What people ask for, and the levels of tools/jest.mjs that it means. */
const levels = {
  unit: ['unit', 'prop'],
  integration: ['contract', 'int'],
  e2e: ['e2e'],
  all: ['all'],
} as const;

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export function addTest(program: Command): void {
  const level = new Argument('[level]', 'what to run').choices(Object.keys(levels)).default('all');
  const command = program
    .command('test')
    .description('run the tests as CI does; `all` begins with format, lint, boundaries, types and kin')
    .addArgument(level);
  runs(command, test);
}

async function test(given: Given): Promise<Outcome> {
  const asked = levelOf(given.args[0]);
  const failedChecks = asked === 'all' ? await runChecks(given) : [];
  const tests = await runJest(levels[asked], given);
  const failed = tests.failed + failedChecks.length;
  const text = [
    ...failedChecks.map((check) => `failed: npm run ${check}; it says above which part`),
    `${String(tests.passed)} passed, ${String(failed)} failed`,
  ];
  const document = { ok: failed === 0, passed: tests.passed, failed, failedChecks };
  return { document, text: text.join('\n'), exitCode: failed === 0 ? 0 : 1 };
}

function levelOf(word: string | undefined): keyof typeof levels {
  return word === 'unit' || word === 'integration' || word === 'e2e' ? word : 'all';
}

/** Everything of `npm run check` but the unit tests, which come with the levels. */
async function runChecks(given: Given): Promise<string[]> {
  const code = await run(process.execPath, ['tools/check.mjs', '--without', 'unit'], given);
  return code === 0 ? [] : ['check'];
}

async function runJest(chosen: readonly string[], given: Given): Promise<Counts> {
  const dir = mkdtempSync(join(tmpdir(), 'summit-test-'));
  const file = join(dir, 'summary.json');
  try {
    const code = await run(process.execPath, ['tools/jest.mjs', ...chosen, '--json-summary', file], given);
    const counts = existsSync(file) ? readCounts(file) : { passed: 0, failed: 1 };
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function readCounts(file: string): Counts {
  return z.object({ passed: z.int(), failed: z.int() }).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Runs a program to its end, its output to ours; with `--json` all of it goes to stderr. Answers the exit status. */
function run(program: string, args: readonly string[], { json }: Given): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: repositoryRoot,
      stdio: ['ignore', json ? 2 : 'inherit', 'inherit'],
    });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}
