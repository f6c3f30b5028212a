/**
 * Runs tests by level.
 *
 *   node tools/jest.mjs <level…|all> [path patterns] [--json-summary FILE] [-t TITLE] [--update-snapshots]
 *
 * Each level is a Jest run of its own, in ES module mode. Real servers, where a level needs them, are started
 * here, once for all levels, and stopped at the end. Exit status: 0 all passed, 1 something failed, 2 wrong usage.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { levels } from './test/levels.mjs';
import { hasSpecs, runLevel } from './test/run-level.mjs';
import { startServers } from './test/servers.mjs';

const usage = `node tools/jest.mjs <${levels.map((level) => level.name).join('|')}|all>… [path patterns] [--json-summary FILE] [-t TITLE] [--update-snapshots]`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'json-summary': { type: 'string' },
      testNamePattern: { type: 'string', short: 't' },
      'update-snapshots': { type: 'boolean', short: 'u' },
    },
  });
  const isLevel = (word) => word === 'all' || levels.some((level) => level.name === word);
  const asked = positionals.filter(isLevel);
  if (asked.length === 0) throw new Error('name a level');
  return {
    levels: asked.includes('all') ? levels : levels.filter((level) => asked.includes(level.name)),
    patterns: positionals.filter((word) => !isLevel(word)),
    summaryFile: values['json-summary'],
    jestFlags: [
      ...(values.testNamePattern ? ['--testNamePattern', values.testNamePattern] : []),
      ...(values['update-snapshots'] ? ['--updateSnapshot'] : []),
    ],
  };
}

async function runLevels({ levels: chosen, patterns, jestFlags }) {
  const total = { passed: 0, failed: 0, specs: 0, interrupted: false };
  let servers;
  try {
    for (const level of chosen.filter(hasSpecs)) {
      if (level.servers) servers ??= await startServers();
      const result = await runLevel(level, { patterns, jestFlags, env: servers?.env });
      for (const key of ['passed', 'failed', 'specs']) total[key] += result[key];
      total.interrupted = result.interrupted;
      if (result.interrupted) break;
    }
  } finally {
    await servers?.stop();
  }
  return total;
}

let options;
try {
  options = readArguments();
} catch (error) {
  process.stderr.write(`${error.message}\n${usage}\n`);
  process.exit(2);
}

const { passed, failed, specs, interrupted } = await runLevels(options);
const nothingMatched = !interrupted && specs === 0 && options.patterns.length > 0;
if (nothingMatched) process.stderr.write(`no spec matches ${options.patterns.join(' ')}\n`);
if (options.summaryFile) writeFileSync(options.summaryFile, `${JSON.stringify({ passed, failed })}\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || nothingMatched ? 1 : 0;
