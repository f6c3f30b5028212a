/**
 * Every error code that the code can give has a page, `docs/errors/<code>.md`, and every page has a code.
 *
 *   node tools/error-pages.mjs
 *
 * However a code is handed on (to an error class, to a function that makes the error, as a default, in an object), it
 * stands somewhere as text in capitals. So every such text of two words is one, unless it is named below; of one word
 * it is where it is the first argument of an error class, or the value of a member `code`.
 */
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const twoWords = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
const oneWord = /(?:\bnew \w*Error\(|\bcode(?::|'\s*,)|\berrorRecord\([^,()]+,)\s*'([A-Z][A-Z0-9]*)'/g;

/** Capitals of two words that are no codes of ours. */
const others = [
  /^(?:SUMMIT|OTEL|OBJ)_/, // variables of the environment, streams, buckets
  /^(?:ERR|FST_ERR)_/, // codes of Node and of Fastify
  /_OPTIONS$/, // tokens of Nest
  /^(?:WAS|HAD|ACTED)_/, // relations of PROV
  /^(?:ODD|ERROR|TIMEOUT)$/, // how an append ended, for the log
];

const files = globSync(['{libs,apps}/*/src/**/*.ts', 'bench/src/**/*.ts'], { cwd: root }).filter(
  (file) => !/\.(?:spec|fixture)\.ts$/.test(file),
);
const codes = new Map();
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, code] of [...text.matchAll(twoWords), ...text.matchAll(oneWord)]) {
    if (!others.some((other) => other.test(code))) codes.set(code, file);
  }
}
const pages = readdirSync(join(root, 'docs/errors')).map((name) => name.replace(/\.md$/, ''));

const withoutPage = [...codes].filter(([code]) => !pages.includes(code));
const withoutCode = pages.filter((page) => page !== 'README' && !codes.has(page));

for (const [code, file] of withoutPage)
  process.stdout.write(`${file}: ${code} has no page docs/errors/${code}.md\n`);
for (const page of withoutCode) process.stdout.write(`docs/errors/${page}.md: nothing gives this code\n`);
process.exitCode = withoutPage.length + withoutCode.length > 0 ? 1 : 0;
