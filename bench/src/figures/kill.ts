import { waitFor } from '@summit/servers';
import type { StackProcess, SummitStack } from '../stack.ts';
import { metricOf } from './metrics.ts';

/** Of the services apart. */
const EXECUTORS = 2;
/** How long a process that was killed may take until it serves again, milliseconds. */
const BACK_MS = 60_000;

/** The process of a stack that is to be killed; throws where it is none of the stack's. */
export function processOf(stack: SummitStack, is: (process: StackProcess) => boolean): StackProcess {
  const found = stack.processes().find(is);
  if (found) return found;
  throw new Error('the process that was to be killed is none of the stack');
}

/** SIGKILL; answers when, by the monotonic clock. */
export function kill({ name, pid }: StackProcess): number {
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
  return performance.now();
}

/** Runs again, and every executor has introduced itself: the next round finds what this one found. */
export async function back(stack: SummitStack, { name, pid }: StackProcess): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const now = stack.processes().find((process) => process.name === name);
    if (now?.healthy !== true || now.pid === pid) return undefined;
    return (await metricOf(stack, 'api', 'summit_executors').catch(() => 0)) === EXECUTORS || undefined;
  };
  if (await waitFor(look, { deadlineMs: BACK_MS, everyMs: 50 })) return;
  throw new Error(`${name} did not come back`);
}
