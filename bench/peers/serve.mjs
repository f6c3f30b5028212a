/**
 * A peer is a program of its own. It says on stdout, one JSON document a line: first what it is, then, for each
 * workload that comes in on stdin, what it measured. When stdin ends, so does it, and whatever it started.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { measure } from '../src/workload.ts';

const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`);

/** `start` returns `{ about: {versions, setting, durability}, subject, stop }`. */
export async function serve(start) {
  const { about, subject, stop } = await start();
  let rounds = 0;
  const orders = createInterface({ input: process.stdin });
  orders.on('line', async (line) => {
    rounds += 1;
    say(await measure(subject, JSON.parse(line), `${process.pid}-${rounds}`));
  });
  orders.once('close', async () => {
    process.on('unhandledRejection', () => undefined); // what is under way fails now, and nobody wants to know
    await stop();
    process.exit(0);
  });
  say(about);
}

/** The sum that a run of n steps returns: step i gives i. */
export function check(sum, steps) {
  if (sum !== (steps * (steps - 1)) / 2) throw new Error(`a run of ${steps} steps returned ${sum}`);
}

/** The version of an installed package. */
export function versionOf(name) {
  const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
