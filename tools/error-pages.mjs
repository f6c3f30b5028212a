/**
 * Every error code that the code can give has a page, `docs/errors/<code>.md`, and every page has a code.
 *
 *   node tools/error-pages.mjs
 *
 * A code is the first argument of an error class of the kernel, in capitals: `new ConflictError('STALE_HASH', …)`,
 * or any such text in a file whose name says that it makes errors.
 */
import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const made = /\bnew \w*Error\(\s*'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
const named = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;

const files = globSync('{libs,apps}/*/src/**/*.ts', { cwd: root }).filter(
  (file) => !file.endsWith('.spec.ts'),
);
const codes = new Map();
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  const pattern = /errors?\.ts$/.test(file) ? named : made;
  for (const [, code] of text.matchAll(pattern)) codes.set(code, file);
}
const pages = readdirSync(join(root, 'docs/errors')).map((name) => name.replace(/\.md$/, ''));
const everything = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');

const withoutPage = [...codes].filter(([code]) => !pages.includes(code));
const withoutCode = pages.filter((page) => page !== 'README' && !everything.includes(`'${page}'`));

for (const [code, file] of withoutPage)
  process.stdout.write(`${file}: ${code} has no page docs/errors/${code}.md\n`);
for (const page of withoutCode) process.stdout.write(`docs/errors/${page}.md: nothing gives this code\n`);
process.exitCode = withoutPage.length + withoutCode.length > 0 ? 1 : 0;
