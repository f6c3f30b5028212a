/**
 * Builds the policies that come with the release, and the test policies of `@summit/policy-opa`.
 *
 *   node tools/build-policies.mjs [--check] [--opa PATH]
 *
 * Without a flag: writes the bundles and their pinned digests. `--check`: formats, checks and tests the Rego, and
 * fails where a kept bundle is not what OPA makes of its source. OPA: `--opa`, else `SUMMIT_OPA`, else `opa` on PATH.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256 } from '@summit/kernel';
import { ROOT_ENTRY, TENANT_ENTRIES } from '@summit/policy';
import { buildBundle } from '@summit/policy-opa';

/** Of the lines of the rules, in per cent. */
const MIN_COVERAGE = 95;

const { values } = parseArgs({ options: { check: { type: 'boolean' }, opa: { type: 'string' } } });
const opa = values.opa ?? process.env.SUMMIT_OPA ?? 'opa';
const root = join(import.meta.dirname, '..');
const policies = join(root, 'policies');
const dist = join(policies, 'dist');
const hostile = join(root, 'libs/policy-opa/fixtures');

function filesUnder(directory, wanted) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => (name.endsWith('.rego') || name === 'data.json') && wanted(name))
    .sort()
    .map((name) => [name, readFileSync(join(directory, name))]);
}

const isRoot = (name) => name.startsWith('summit/root/');
const isShared = (name) => name.startsWith('summit/question/');

const bundles = [
  {
    file: join(dist, 'summit.bundle.tar.gz'),
    pin: 'summit',
    entries: TENANT_ENTRIES,
    files: filesUnder(policies, (name) => !isRoot(name)),
  },
  {
    file: join(dist, 'root.bundle.tar.gz'),
    pin: 'root',
    entries: [ROOT_ENTRY],
    files: filesUnder(policies, (name) => isRoot(name) || isShared(name)),
  },
  {
    file: join(hostile, 'hostile.bundle.tar.gz'),
    entries: ['summit/action/decision', 'summit/run/decision'],
    files: filesUnder(join(hostile, 'hostile'), () => true),
  },
];

/** Checks the Rego as people keep it: format, strictness, tests, coverage. */
function checkSources() {
  const wrong = [];
  const unformatted = execFileSync(opa, ['fmt', '--list', policies, hostile], { encoding: 'utf8' }).trim();
  if (unformatted !== '') wrong.push(`not formatted (opa fmt -w policies): ${unformatted}`);
  execFileSync(opa, ['check', '--strict', policies], { stdio: 'inherit' });
  execFileSync(opa, ['test', policies, '--ignore', 'dist'], { stdio: 'inherit' });
  const report = execFileSync(opa, ['test', policies, '--ignore', 'dist', '--coverage', '--format', 'json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { coverage } = JSON.parse(report);
  if (!(coverage >= MIN_COVERAGE))
    wrong.push(`tests cover ${coverage} % of the lines, under ${MIN_COVERAGE} %`);
  return wrong;
}

const wrong = values.check ? checkSources() : [];
const digests = {};
for (const { file, pin, entries, files } of bundles) {
  const bytes = await buildBundle({ opa, files: new Map(files), entries });
  if (pin) digests[pin] = sha256(bytes);
  if (!values.check) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, bytes);
  } else if (!existsSync(file) || sha256(readFileSync(file)) !== sha256(bytes)) {
    wrong.push(`${relative(root, file)} is not what OPA makes of its source: node tools/build-policies.mjs`);
  }
}
const pins = `${JSON.stringify(digests, null, 2)}\n`;
const pinFile = join(dist, 'digests.json');
if (!values.check) writeFileSync(pinFile, pins);
else if (!existsSync(pinFile) || readFileSync(pinFile, 'utf8') !== pins)
  wrong.push('digests.json pins other bundles');

for (const line of wrong) process.stderr.write(`${line}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
