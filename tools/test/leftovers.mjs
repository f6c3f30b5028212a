/**
 * Finds processes by a mark in the environment that they inherited, so that detached ones are found too.
 * Linux keeps the environment under /proc; elsewhere nothing is found and nothing is ended.
 */
import { readFileSync, readdirSync } from 'node:fs';

/** Ends every process that carries the mark; returns `<pid> <command line>` of each. */
export function killMarked(mark) {
  const marked = processes().filter(
    ({ pid, environment }) => pid !== process.pid && environment.includes(mark),
  );
  for (const { pid } of marked) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return marked.map(({ pid, command }) => `${pid} ${command}`);
}

function processes() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(read);
  } catch {
    return [];
  }
}

function read(pid) {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return [{ pid: Number(pid), environment, command }];
  } catch {
    return [];
  }
}
