/**
 * The project's own words for the spelling check, one a line, in alphabetical order.
 *
 *   node tools/words.mjs            says whether they are in order and none stands twice
 *   node tools/words.mjs add WORD…  adds words where they belong
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('./words.txt', import.meta.url);
const inOrder = (words) => [...new Set(words.map((word) => word.toLowerCase()))].sort();
const linesOf = (words) => words.map((word) => `${word}\n`).join('');

const text = readFileSync(file, 'utf8');
const words = text.split('\n').filter(Boolean);
const [verb, ...added] = process.argv.slice(2);

if (verb === 'add') {
  writeFileSync(file, linesOf(inOrder([...words, ...added])));
} else if (text !== linesOf(inOrder(words))) {
  process.stderr.write(
    'tools/words.txt: not in alphabetical order, or a word stands twice: node tools/words.mjs add\n',
  );
  process.exitCode = 1;
}
