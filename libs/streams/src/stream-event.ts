import {
  type ApprovalDecision,
  type ApprovalOutcome,
  type ApprovalSubject,
  type Verdict,
} from '@summit/events';
import { type ErrorRecord, type Instant, type Json } from '@summit/kernel';

/** One RFC 6902 operation. */
export type Operation = Readonly<Record<string, Json>>;

/** A step as events name it; `stepId` is its stable key. */
interface OfStep {
  readonly stepId: string;
}
interface OfAttempt extends OfStep {
  readonly attempt: number;
}
/** An attempt that failed; with `retryAt` another follows. */
interface Failure {
  readonly error: ErrorRecord;
  readonly retryAt?: Instant;
}

/** What a stream says, by `type`. */
export type StreamBody =
  | {
      readonly type: 'run_start';
      readonly workflow: string;
      readonly version: string;
      readonly input: Json;
      readonly startedBy: string;
    }
  /** The run and its thread's state as they were at that moment; patches up to `stateVersion` are in it. */
  | {
      readonly type: 'snapshot';
      readonly run: Json;
      readonly state: Json;
      readonly stateVersion: number;
      readonly hash: string;
    }
  | { readonly type: 'run_waiting'; readonly waitingFor: readonly string[] }
  | { readonly type: 'run_resumed' }
  | { readonly type: 'run_complete'; readonly output: Json }
  | { readonly type: 'run_failed'; readonly error: ErrorRecord }
  | { readonly type: 'run_cancelled' }
  | ({ readonly type: 'step_start'; readonly kind: string; readonly name: string } & OfStep)
  | ({
      readonly type: 'step_complete';
      readonly kind: string;
      readonly name: string;
      readonly output: Json;
    } & OfStep)
  | ({ readonly type: 'step_failed'; readonly kind: string; readonly name: string } & OfStep & Failure)
  | ({ readonly type: 'tool_call'; readonly name: string; readonly args: Json } & OfAttempt)
  | ({ readonly type: 'tool_result'; readonly name: string; readonly output: Json } & OfAttempt)
  | ({ readonly type: 'tool_result'; readonly name: string } & OfAttempt & Failure)
  /** Voids the tokens of the step's earlier attempts. */
  | ({ readonly type: 'model_start'; readonly name: string } & OfAttempt)
  | ({ readonly type: 'token'; readonly index: number; readonly delta: string } & OfAttempt)
  | ({ readonly type: 'model_complete'; readonly name: string; readonly output: Json } & OfAttempt)
  | ({ readonly type: 'model_complete'; readonly name: string } & OfAttempt & Failure)
  /** Applies to a state of `baseVersion` alone; `hash` is the digest (`stateHash` of the engine) of what it makes. */
  | {
      readonly type: 'state_patch';
      readonly baseVersion: number;
      readonly version: number;
      readonly patch: readonly Operation[];
      /** Null where it was not recorded, or is erased: read the state again. */
      readonly hash: string | null;
    }
  | {
      readonly type: 'decision';
      readonly verdict: Verdict;
      readonly entry: string;
      /** Digest of the policy that decided. */
      readonly policy: string;
      readonly reasons: readonly string[];
      readonly stepId?: string;
    }
  /** People are asked, or asked anew on other terms. `actionHash` is what an answer has to name. */
  | {
      readonly type: 'approval_requested';
      readonly approvalId: string;
      readonly stepId?: string;
      readonly about: ApprovalSubject;
      readonly name: string;
      readonly actionHash: string;
      readonly shown: Json;
      readonly quorum: number;
      readonly roles: readonly string[];
      readonly reasons: readonly string[];
      readonly expiresAt?: Instant;
    }
  /** A person answered, or time did; with `outcome` the question is settled. */
  | {
      readonly type: 'approval_decided';
      readonly approvalId: string;
      readonly stepId?: string;
      readonly decision?: ApprovalDecision;
      readonly by?: string;
      readonly actionHash?: string;
      readonly newHash?: string;
      readonly reason?: string;
      readonly action?: Json;
      readonly outcome?: ApprovalOutcome | 'expired' | 'withdrawn';
    }
  | ({ readonly type: 'effect_unknown'; readonly name: string; readonly reason: string } & OfAttempt);

/** The types, in clients' words. */
export const STREAM_EVENT_TYPES = [
  'run_start',
  'run_complete',
  'run_failed',
  'run_cancelled',
  'run_waiting',
  'run_resumed',
  'step_start',
  'step_complete',
  'step_failed',
  'tool_call',
  'tool_result',
  'model_start',
  'token',
  'model_complete',
  'state_patch',
  'approval_requested',
  'approval_decided',
  'decision',
  'effect_unknown',
  'snapshot',
] as const satisfies readonly StreamBody['type'][];

/** Where, whose and when; `cursor` is what a reader sends back to go on after this event. */
export interface StreamHead {
  readonly cursor: string;
  readonly runId: string;
  readonly threadId: string;
  /** Time of the commit, or of the token's arrival; milliseconds since the epoch. */
  readonly at: Instant;
  /** The payloads' key was destroyed: what they held reads as erased. */
  readonly erased?: true;
}

/** A native stream event: the `data:` of SSE, an element of a page, of `summit.events.>`. */
export type StreamEvent = StreamHead & StreamBody;

/** Whether the run has ended with this event: nothing follows. */
export function endsStream({ type }: Pick<StreamEvent, 'type'>): boolean {
  return type === 'run_complete' || type === 'run_failed' || type === 'run_cancelled';
}
