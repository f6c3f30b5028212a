import { type RunState, type ThreadState, type Tombstone, waitingFor } from '@summit/engine';
import { type ErrorRecord, type Json } from '@summit/kernel';

/** A run as people see it. */
export type RunView = {
  readonly runId: string;
  readonly threadId: string;
  readonly workflow: string;
  readonly workflowVersion: string;
  readonly status: 'pending' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';
  /** Of the run's last commit. */
  readonly version: number;
  /** For what a waiting run waits, such as `timer` or `signal:go`. */
  readonly waitingFor?: readonly string[];
  readonly output?: Json;
  readonly error?: { readonly [K in keyof ErrorRecord]: ErrorRecord[K] };
};

export function viewOfRun(run: RunState): RunView {
  const waiting = waitingFor(run);
  const { runId, threadId, workflow, workflowVersion, version } = run;
  const base = { runId, threadId, workflow, workflowVersion, version };
  if (waiting) return { ...base, status: 'waiting', waitingFor: waiting };
  return { ...base, status: run.status };
}

export function viewOfTombstone(tombstone: Tombstone): RunView {
  const { runId, threadId, workflow, workflowVersion, status, version, output, error } = tombstone;
  const end = status === 'completed' ? { output } : error ? { error } : {};
  return { runId, threadId, workflow, workflowVersion, status, version, ...end };
}

/** A thread as people see it. */
export type ThreadView = {
  readonly threadId: string;
  readonly stateVersion: number;
  readonly createdAt: number;
  /** The run that has it, if any, and those that wait for it, in order. */
  readonly activeRun?: string;
  readonly queuedRuns: readonly string[];
};

export function viewOfThread(thread: ThreadState, threadId: string): ThreadView {
  const { stateVersion, createdAt, active, queue } = thread;
  return {
    threadId,
    stateVersion,
    createdAt,
    ...(active !== undefined && { activeRun: active }),
    queuedRuns: queue.slice(),
  };
}
