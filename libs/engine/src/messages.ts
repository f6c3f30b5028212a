import { type Message } from '@summit/events';
import { type Instant, type Json } from '@summit/kernel';
import { type Announced } from './catalogue.ts';
import {
  type Doubt,
  type Edit,
  type Frame,
  type HistoryItem,
  type Permit,
  type RunEpoch,
  type Settlement,
} from './frame.ts';

/** A run given to an executor: what its coroutine needs to stand where it stood. */
export interface Dispatch {
  readonly runId: string;
  readonly threadId: string;
  readonly workflow: string;
  readonly version: string;
  readonly input: Json;
  readonly seed: string;
  readonly startedBy: string;
  readonly createdAt: Instant;
  /** The thread's state as it was when the run got its first step; patches of the history change it again. */
  readonly state: Json;
  /** Of that state. */
  readonly stateVersion: number;
  /** [C4.1] What was said on the thread before the run, the newest part; absent where nothing was. */
  readonly messages?: readonly Message[];
  /** The message that started the run. */
  readonly message?: Message;
  readonly history: readonly HistoryItem[];
  readonly cancelled: boolean;
  readonly paused: boolean;
  /** W3C `traceparent`, or empty. */
  readonly trace: string;
}

/** What a leader tells an executor about one run; everything in it is durable. // I1 */
export interface RunUpdate {
  readonly tenant: string;
  readonly runId: string;
  readonly epoch: RunEpoch;
  /** Make the coroutine anew (and forget an older one). */
  readonly dispatch?: Dispatch | undefined;
  /** The last frame that was committed. */
  readonly frame?: number | undefined;
  readonly permits?: readonly Permit[] | undefined;
  readonly settlements?: readonly Settlement[] | undefined;
  readonly edits?: readonly Edit[] | undefined;
  readonly doubts?: readonly Doubt[];
  readonly cancel?: boolean | undefined;
  /** The run has ended, or is another's now: forget it. */
  readonly drop?: boolean | undefined;
}

/** From a leader to an executor, a turn's worth at once. */
export interface LeaderMessage {
  readonly partition: number;
  readonly leaderEpoch: number;
  /** Dense per reign and executor, from 1: a gap says that something was lost. A broadcast has none. */
  readonly number?: number;
  /** The executor may start effects for this long from when it asked (milliseconds), by its monotonic clock. */
  readonly lease?: { readonly asked: number; readonly ms: number };
  /** Say what you serve and hold: a leader has taken over, or does not know you. */
  readonly introduce?: boolean;
  readonly updates: readonly RunUpdate[];
}

/** A run that an executor keeps a coroutine of. */
export interface Held {
  readonly tenant: string;
  readonly runId: string;
  readonly epoch: RunEpoch;
}

/** What an executor is and can run. Tenants: whom it may serve. */
export interface Introduction extends Announced {
  readonly tenants: readonly string[];
  readonly holds: readonly Held[];
}

/** From an executor to a partition's leader: a heartbeat, an introduction, frames; a turn's worth at once. */
export interface ExecutorMessage {
  readonly executor: string;
  /** The executor's monotonic clock, milliseconds; comes back with the lease. */
  readonly asked: number;
  readonly introduction?: Introduction;
  /** It is going: give its runs to others, it starts nothing more. */
  readonly leaving?: boolean;
  readonly frames: readonly Frame[];
}
