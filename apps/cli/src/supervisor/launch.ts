import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RetryableError } from '@summit/kernel';
import {
  endProcess,
  identityOf,
  isAlive,
  type ProcessIdentity,
  repositoryRoot,
  waitFor,
  withLock,
} from '@summit/servers';
import type { StackPlan } from './stack-plan.ts';
import { cleanStaleStack, readStackState, removeStackState, type StackState } from './stack-state.ts';

/** Of several `summit up` at once one starts the stack, the others find it. */
const LOCK_MS = 600_000;
/** A supervisor that is asked to end waits for a start that is under way, then ends its processes in order. */
const STOP_MS = 60_000;
/** Between two looks at the state of a stack that starts. */
const LOOK_MS = 100;

export interface Launched {
  readonly state: StackState;
  /** False where it ran before. */
  readonly started: boolean;
}

/**
 * Starts a stack in the background and returns when it is up. Throws what kept it from starting; nothing runs then.
 * Ctrl-C ends what was started.
 */
export async function launch(plan: StackPlan, progress: (line: string) => void): Promise<Launched> {
  mkdirSync(join(plan.dataDir, 'logs'), { recursive: true });
  return withLock(join(plan.dataDir, 'up.lock'), LOCK_MS, async () => {
    const before = readStackState(plan.dataDir);
    if (before && isAlive(before.supervisor)) {
      return { state: await untilUp(plan.dataDir, before.supervisor, progress), started: false };
    }
    if (before) await cleanStaleStack(before);
    const supervisor = detach(plan);
    const interrupted = new AbortController();
    const interrupt = (): void => {
      interrupted.abort();
      void endProcess(supervisor, 'SIGTERM', STOP_MS);
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    try {
      return { state: await untilUp(plan.dataDir, supervisor, progress), started: true };
    } catch (error) {
      throw interrupted.signal.aborted ? startInterrupted() : error;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  });
}

function startInterrupted(): RetryableError {
  return new RetryableError('INTERRUPTED', 'interrupted; what was started has been ended', 'Start it again.');
}

function detach(plan: StackPlan): ProcessIdentity {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const log = openSync(logFileOf(plan.dataDir), 'a');
  const child = spawn(process.execPath, ['--import', hook, main, JSON.stringify(plan)], {
    cwd: repositoryRoot,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (!identity) throw startFailed('the supervisor could not be started', plan.dataDir);
  return identity;
}

async function untilUp(
  dataDir: string,
  supervisor: ProcessIdentity,
  progress: (line: string) => void,
): Promise<StackState> {
  let told = '';
  const look = (): StackState | 'dead' | undefined => {
    const alive = isAlive(supervisor);
    const state = readStackState(dataDir);
    if (state && state.message !== told) progress((told = state.message));
    if (state?.phase === 'up') return state;
    return alive ? undefined : (state ?? 'dead');
  };
  const seen = await waitFor(look, { deadlineMs: Infinity, everyMs: LOOK_MS });
  if (seen !== undefined && seen !== 'dead' && seen.phase === 'up') return seen;
  const error = seen === 'dead' ? undefined : seen?.error;
  removeStackState(dataDir);
  throw startFailed(error?.message ?? 'the supervisor ended at start', dataDir, error);
}

function startFailed(message: string, dataDir: string, error?: StackState['error']): RetryableError {
  const next = error?.next ?? `Read its log: ${logFileOf(dataDir)}`;
  return new RetryableError(error?.code ?? 'STACK_NOT_STARTED', message, next);
}

function logFileOf(dataDir: string): string {
  return join(dataDir, 'logs', 'supervisor.log');
}
