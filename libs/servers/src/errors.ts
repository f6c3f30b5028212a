import { ConflictError, RetryableError, TerminalError } from '@summit/kernel';
import { readFileSync } from 'node:fs';

/** A component can not be had on this machine. Page: docs/errors/SERVER_UNAVAILABLE.md. */
export function serverUnavailable(
  title: string,
  tried: readonly string[],
  ways: readonly string[],
): TerminalError {
  return new TerminalError(
    'SERVER_UNAVAILABLE',
    `${title} can not be had on this machine. Tried: ${tried.join('; ')}.`,
    `The two easiest ways: ${ways.join('; or ')}.`,
    { detail: { component: title, tried, ways } },
  );
}

/** It was started and did not become ready. Page: docs/errors/SERVER_NOT_READY.md. */
export function serverNotReady(
  name: string,
  reason: string,
  logFile: string,
  cause?: unknown,
): RetryableError {
  const last = lastLines(logFile, 5);
  return new RetryableError(
    'SERVER_NOT_READY',
    `${name} ${reason}${last === '' ? '' : `; the end of its log:\n${last}`}`,
    `Read its log: ${logFile}`,
    { detail: { name, logFile }, cause },
  );
}

/** Another living process runs a server on this data directory. Page: docs/errors/DATA_DIR_IN_USE.md. */
export function dataDirInUse(dataDir: string, pid: number): ConflictError {
  return new ConflictError(
    'DATA_DIR_IN_USE',
    `${dataDir} is in use by process ${String(pid)}`,
    'End that process (`summit down`), or name another directory with --data.',
    { detail: { dataDir, pid } },
  );
}

/** Only servers that were started here can be ended here. Page: docs/errors/SERVER_NOT_OURS.md. */
export function serverNotOurs(name: string, variable: string): TerminalError {
  return new TerminalError(
    'SERVER_NOT_OURS',
    `${name} is named by ${variable}; it was not started here and is not ended here`,
    `Unset ${variable} to have one started.`,
  );
}

function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
