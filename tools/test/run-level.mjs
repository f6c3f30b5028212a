/**
 * One level as one Jest run in a child process.
 *
 * Owns: the child, its result file, and whatever the tests started and did not end.
 * A failure, besides a failed test: a spec that does not load, a Jest that does not end by itself after its last
 * test, a process that outlives the run.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killMarked } from './leftovers.mjs';

const root = join(import.meta.dirname, '..', '..');
const jestBin = createRequire(import.meta.url).resolve('jest/bin/jest');
/** How long Jest may take to end after it has written its results: workers, sockets that close. */
const graceMs = 10_000;

export async function runLevel(level, { patterns, jestFlags, env }) {
  const dir = mkdtempSync(join(tmpdir(), 'summit-jest-'));
  const resultFile = join(dir, 'result.json');
  const mark = randomUUID();
  try {
    const jest = spawn(process.execPath, argumentsOf(level, { patterns, jestFlags }), {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...env,
        NODE_OPTIONS: nodeOptions(),
        SUMMIT_TEST_LEVEL: level.name,
        SUMMIT_TEST_RUN: mark,
        SUMMIT_TEST_RESULT: resultFile,
      },
    });
    const ended = await endOf(jest, resultFile);
    const left = killMarked(mark);
    for (const line of left)
      process.stderr.write(`left behind by the ${level.name} tests, ended now: ${line}\n`);
    if (ended.stuck)
      process.stderr.write(`the ${level.name} tests are done, but something keeps Jest alive\n`);
    return countResults(resultFile, ended, left.length);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A level may have no spec yet: that is no failure. */
export function hasSpecs(level) {
  const found = globSync(`{apps,libs,bench,examples,tools}/**/*.${level.name}.spec.ts`, {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  });
  return found.length > 0;
}

function argumentsOf(level, { patterns, jestFlags }) {
  return [
    jestBin,
    '--config=jest.config.mjs',
    '--passWithNoTests',
    ...(level.workers === 1 ? ['--runInBand'] : []),
    ...jestFlags,
    ...patterns,
  ];
}

/** By environment, so that Jest's workers have them too. */
function nodeOptions() {
  const options = [
    process.env['NODE_OPTIONS'],
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ];
  return options.filter(Boolean).join(' ');
}

function endOf(jest, resultFile) {
  let interrupted = false;
  const forward = (signal) => {
    interrupted = true;
    jest.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  let stuck = false;
  let deadline;
  const watch = setInterval(() => {
    if (deadline || !existsSync(resultFile)) return;
    deadline = setTimeout(() => {
      stuck = true;
      jest.kill('SIGKILL');
    }, graceMs);
  }, 500);
  return new Promise((resolve, reject) => {
    jest.once('error', reject);
    jest.once('exit', (code) => {
      clearInterval(watch);
      clearTimeout(deadline);
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve({ code, stuck, interrupted });
    });
  });
}

function countResults(resultFile, { code, stuck, interrupted }, left) {
  const none = { passed: 0, failed: 0, specs: 0 };
  const counts = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : none;
  const failed = counts.failed + (stuck ? 1 : 0) + left;
  return { ...counts, interrupted, failed: failed === 0 && code !== 0 ? 1 : failed };
}
