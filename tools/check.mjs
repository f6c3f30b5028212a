/**
 * Everything that can be checked without a server: one line a step, its output only where it fails. All steps run
 * even when one fails, so that one run tells all there is to mend.
 *
 *   node tools/check.mjs [step…] [--without STEP]
 *
 * Exit status: 0 all well, 1 a step failed, 2 no such step.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const bins = join(root, 'node_modules', '.bin');

/** Longest first: they run side by side, as many as there are cores. */
const steps = {
  lint: ['eslint', '--cache', '--cache-location', '.summit/cache/eslint', '.'],
  unit: ['node', 'tools/jest.mjs', 'unit'],
  types: ['tsc', '--noEmit', '-p', 'tsconfig.json'],
  format: [
    'prettier',
    '--check',
    '--log-level',
    'warn',
    '--cache',
    '--cache-location',
    '.summit/cache/prettier',
    '.',
  ],
  spelling: [
    'cspell',
    '--no-progress',
    '--quiet',
    '--cache',
    '--cache-location',
    '.summit/cache/cspell',
    '.',
  ],
  words: ['node', 'tools/words.mjs'],
  'error pages': ['node', 'tools/error-pages.mjs'],
  'dead code': ['knip', '--no-progress', '--no-config-hints'],
  boundaries: ['depcruise', '--config', '.dependency-cruiser.cjs', 'libs', 'apps', 'bench'],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', multiple: true, default: [] } },
});
const asked = (positionals.length > 0 ? positionals : Object.keys(steps)).filter(
  (name) => !values.without.includes(name),
);
const unknown = [...positionals, ...values.without].filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(`no step "${unknown.join('", "')}"; there are: ${Object.keys(steps).join(', ')}\n`);
  process.exit(2);
}

const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(1);
  });
}

const started = performance.now();
const waiting = [...asked];
const failed = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
process.stdout.write(
  failed.length > 0
    ? `\nfailed: ${failed.join(', ')} (${seconds(started)})\n`
    : `\nall well (${seconds(started)})\n`,
);
process.exitCode = failed.length > 0 ? 1 : 0;

async function work() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const begun = performance.now();
    const { ok, output } = await run(steps[name]);
    process.stdout.write(`${ok ? '✔' : '✘'} ${name.padEnd(11)} ${seconds(begun).padStart(7)}\n`);
    if (ok) continue;
    failed.push(name);
    process.stdout.write(`${output.trimEnd()}\n\n`);
  }
}

function run([command, ...args]) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${bins}:${process.env['PATH']}`,
      FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
    },
  });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve({ ok: code === 0, output });
    });
  });
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
