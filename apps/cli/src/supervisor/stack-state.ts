import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endProcess, isAlive } from '@summit/servers';
import { z } from 'zod';

const identity = z.strictObject({ pid: z.int(), started: z.string() });

const processState = z.strictObject({
  name: z.string(),
  role: z.string(),
  kind: z.enum(['server', 'service']),
  /** null while it is down, and where it was not started here. */
  pid: z.int().nullable(),
  url: z.string().nullable(),
  /** What else listens in it, by name. */
  urls: z.record(z.string(), z.string()).optional(),
  version: z.string(),
  health: z.enum(['starting', 'healthy', 'restarting', 'stopped']),
  restarts: z.int(),
  /** How it ended last, where it did. */
  lastEnd: z.string().nullable(),
  logFile: z.string().nullable(),
  identity: identity.nullable(),
});

const stackState = z.strictObject({
  version: z.literal(1),
  phase: z.enum(['starting', 'up', 'failed', 'stopping']),
  /** What is being done, or what went wrong. */
  message: z.string(),
  error: z.strictObject({ code: z.string(), message: z.string(), next: z.string().optional() }).optional(),
  supervisor: identity,
  dataDir: z.string(),
  app: z.string().nullable(),
  startedAt: z.string(),
  processes: z.array(processState),
});

export type ProcessState = z.infer<typeof processState>;
export type StackState = z.infer<typeof stackState>;

function stateFile(dataDir: string): string {
  return join(dataDir, 'state.json');
}

/** Replaces the file as a whole: a reader sees the old state or the new one. */
export function writeStackState(state: StackState): void {
  const file = stateFile(state.dataDir);
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${String(process.pid)}`;
  // A server's URL may hold its password.
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** Undefined where no stack was started in that directory, or it was ended. */
export function readStackState(dataDir: string): StackState | undefined {
  try {
    return stackState.parse(JSON.parse(readFileSync(stateFile(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removeStackState(dataDir: string): void {
  rmSync(stateFile(dataDir), { force: true });
}

/**
 * Ends whatever a dead supervisor left and forgets the state; answers the names of the processes that it ended.
 * In the order against that of their start.
 */
export async function cleanStaleStack(state: StackState): Promise<string[]> {
  const ended: string[] = [];
  for (const { name, identity: left } of state.processes.toReversed()) {
    if (!left || !isAlive(left)) continue;
    await endProcess(left, 'SIGTERM', 10_000);
    ended.push(name);
  }
  removeStackState(state.dataDir);
  return ended;
}
