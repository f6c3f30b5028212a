/**
 * The levels of tests, cheapest first. A spec's file name says its level: `run.decider.unit.spec.ts`.
 * Levels with `servers` find real servers running; they share them, so their specs run one after another.
 */
export const levels = [
  { name: 'unit', timeoutMs: 15_000, workers: 2, servers: false },
  { name: 'prop', timeoutMs: 60_000, workers: 2, servers: false },
  { name: 'contract', timeoutMs: 60_000, workers: 1, servers: true },
  { name: 'int', timeoutMs: 120_000, workers: 1, servers: true },
  { name: 'e2e', timeoutMs: 300_000, workers: 1, servers: true },
];

export function levelOf(name) {
  const level = levels.find((candidate) => candidate.name === name);
  if (!level)
    throw new Error(`"${name}" is no level of tests; they are ${levels.map((l) => l.name).join(', ')}`);
  return level;
}
