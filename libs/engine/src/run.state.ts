import { type Effect, type Message, type RetryPolicy, type StepKind } from '@summit/events';
import { type ErrorRecord, type FewMap, type Instant, type Json } from '@summit/kernel';
import { type ApprovalState, type Approver } from './approval.state.ts';
import { type HistoryItem, type RunEpoch } from './frame.ts';
import { type RunWords } from './run.words.ts';

/**
 * Where a step stands.
 * - `permitted`: an executor holds the right to attempt it.
 * - `held`: proposed while the run is paused, or approved; permitted as soon as may be.
 * - `asked`: people are asked first; see its `approval`.
 * - `backoff`: failed, to be tried again at `dueAt`. `waiting`: for a timer or a signal.
 * - `doubt`: its executor is gone and the attempt may have had its effect; reconciled from `dueAt` on.
 * - `unknown`: nobody can tell; a human decides.
 * - `settled`: it has its answer, for ever.
 */
export type StepPhase =
  'permitted' | 'held' | 'asked' | 'backoff' | 'waiting' | 'doubt' | 'unknown' | 'settled';

/** A step as the leader holds it. */
export interface StepState {
  readonly n: number;
  readonly stepKey: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: Effect;
  /** Of the arguments as they are to be executed. */
  actionHash: string;
  readonly tool: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy | undefined;
  phase: StepPhase;
  /** Number of the last attempt that was permitted; 0 before the first. */
  attempt: number;
  /** Attempts that failed; a crash does not count. */
  failures: number;
  /** Whose the last permit is, and the commit that gave it. */
  executor: string | undefined;
  permitVersion: number;
  dueAt: Instant | undefined;
  /** Arguments as they are to be executed; dropped when settled. */
  args: Json;
  /** They are not what the coroutine proposed: permits carry them. */
  changed: boolean;
  /** [C3.2] Arguments of the last permit, where it carries them: what its attempt was executed with. */
  executed: Json | undefined;
  /** The question about it that is open. */
  approval: string | undefined;
  /** Who agreed to the action as it is now; later attempts of it rest on them too. */
  approved: readonly Approver[];
}

export type RunStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';

/**
 * A run's life as its events tell it. Owned by one fold, which updates it in place: after a failed fold or a lost
 * append it is thrown away, never mended. That keeps a step's cost the same in a run of any length.
 */
export interface RunState {
  readonly tenant: string;
  readonly runId: string;
  readonly workflow: string;
  readonly workflowVersion: string;
  readonly threadId: string;
  /** Surrogate of the thread, as it stands in clear. */
  readonly thread: string;
  /** Where the thread stands in its partition; see `threadKey`. */
  readonly threadKey: string;
  /** Id of the key that seals this run's commits. */
  readonly key: string;
  readonly input: Json;
  readonly seed: string;
  readonly startedBy: string;
  /** What questions to policy about it have in common. */
  readonly words: RunWords;
  readonly createdAt: Instant;
  /** W3C `traceparent` of the command that started it, or empty. */
  readonly trace: string;
  status: RunStatus;
  version: number;
  paused: boolean;
  cancelRequested: boolean;
  epoch: RunEpoch | undefined;
  executor: string | undefined;
  /** The assignment that made the present coroutine; an executor of any later one has kept it. */
  coroutine: number;
  /** Number of the last frame that was committed. */
  frame: number;
  readonly steps: Map<string, StepState>;
  readonly byNumber: StepState[];
  /** Steps without an answer, by key, in the order in which they were proposed. */
  readonly open: FewMap<StepState>;
  /** Attempts ever permitted: a counter that policy sees. */
  attempts: number;
  /** Signals that arrived and nobody took yet, by name. */
  readonly signals: Map<string, Json[]>;
  /** Questions to people that are open, by id. */
  readonly approvals: Map<string, ApprovalState>;
  /** Names of those who started it or had a say in what it does: they do not approve what it asks for. */
  readonly requesters: Set<string>;
  readonly history: HistoryItem[];
  /** What the run was asked, where it was started by a message. */
  message: Message | undefined;
  /** The conversation before the run, as it was when the run was first given to an executor. */
  baseMessages: readonly Message[];
  /** Tokens that its model calls used: a counter that policy sees. */
  tokens: number;
  /** The thread's state when the run was first given to an executor. */
  baseState: Json;
  /** Its version. */
  baseVersion: number;
  output: Json;
  error: ErrorRecord | undefined;
}

/** Whether a run has ended. */
export function isFinished(state: RunState): boolean {
  return state.status === 'completed' || state.status === 'failed' || state.status === 'cancelled';
}

/**
 * What a run waits for, or undefined where it is not waiting: something of it is under way, or is about to be. Short
 * waits of the runtime itself (another attempt, a new executor, a reconciliation) are no waiting.
 */
export function waitingFor(state: RunState): readonly string[] | undefined {
  if (isFinished(state) || state.cancelRequested) return undefined;
  if (state.status === 'pending') return state.approvals.size > 0 ? approvalsOf(state) : undefined;
  if (state.paused) return ['resume'];
  for (const { phase } of state.open.values()) if (!WAITING.has(phase)) return undefined;
  return state.open.size === 0 ? undefined : state.open.values().flatMap(reasonsOf);
}

const WAITING: ReadonlySet<StepPhase> = new Set(['waiting', 'unknown', 'asked']);

const approvalsOf = (state: RunState): string[] => [...state.approvals.keys()].map((id) => `approval:${id}`);

function reasonsOf({ phase, kind, name, approval }: StepState): string[] {
  const asked = approval === undefined ? [] : [`approval:${approval}`];
  if (phase === 'unknown') return [`unknown:${name}`, ...asked];
  if (phase === 'asked') return asked;
  return [kind === 'sleep' ? 'timer' : `${kind}:${name}`];
}
