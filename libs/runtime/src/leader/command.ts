import { type ApprovalStatus, type PatchOperation } from '@summit/engine';
import { type ApprovalDecision } from '@summit/events';
import { type ErrorKind, type ErrorRecord, type Json } from '@summit/kernel';

/** A command as it reaches a leader: who wants what. Identity was verified at the edge. */
export interface Command {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  /** Repeating it with the same body gives the same answer; with another body it is refused. */
  readonly commandId: string;
  readonly body: CommandBody;
  /** W3C `traceparent`, or empty. */
  readonly trace: string;
  /** Of `run.start`: once it is durable, hold the answer until the run has ended or waits; as of {@link RunQuery}. */
  readonly waitMs?: number | undefined;
}

export type CommandBody =
  | {
      readonly verb: 'run.start';
      readonly threadId: string;
      readonly workflow: string;
      readonly version?: string | undefined;
      readonly input: Json;
      /** [C4.1] What a user says; `input` holds it too, as `{message}`. */
      readonly message?: string | undefined;
      readonly ifBusy?: IfBusy | undefined;
    }
  | { readonly verb: 'run.signal'; readonly runId: string; readonly name: string; readonly payload: Json }
  | { readonly verb: 'run.pause' | 'run.resume'; readonly runId: string }
  | { readonly verb: 'run.cancel'; readonly runId: string; readonly reason: string }
  | { readonly verb: 'thread.create'; readonly threadId: string; readonly state: Json }
  | {
      readonly verb: 'state.patch';
      readonly threadId: string;
      readonly patch: readonly PatchOperation[];
      /** The version of the state that the patch was made for. */
      readonly expectedVersion: number;
    }
  | {
      readonly verb: 'approval.decide';
      readonly approvalId: string;
      readonly decision: ApprovalDecision;
      /** Of what the person was shown. */
      readonly actionHash: string;
      /** With `modify` alone: what is to be done instead; about an effect: what it brought. */
      readonly action?: Json | undefined;
      readonly reason?: string | undefined;
    };

/**
 * What becomes of a run whose thread has another run under way: it waits its turn (the default), is refused
 * (`THREAD_BUSY`), or has the other one cancelled and is the next.
 */
export type IfBusy = 'enqueue' | 'reject' | 'interrupt';

/** A question; it changes nothing. `waitMs`: hold the answer until the run has ended or waits. */
export interface RunQuery {
  readonly tenant: string;
  readonly runId: string;
  readonly waitMs?: number;
}

/** A question about a thread; with `state`, its state: as it is, or as it was at a version. */
export interface ThreadQuery {
  readonly tenant: string;
  readonly threadId: string;
  readonly state?: { readonly at?: number | undefined };
}

/** A question about a question to people. */
export interface ApprovalQuery {
  readonly tenant: string;
  readonly approvalId: string;
}

/** Which questions to people a partition has: those that are open, and those that were closed lately. */
export interface ApprovalsQuery {
  readonly tenant: string;
  readonly partition: number;
  readonly status?: ApprovalStatus | undefined;
}

export type Query = RunQuery | ThreadQuery | ApprovalQuery | ApprovalsQuery;

/** What comes back; only ever after what it was computed from is durable. // I1 */
export type Answer =
  | { readonly ok: true; readonly value: Json; readonly repeated?: boolean }
  | { readonly ok: false; readonly error: ErrorRecord & { readonly kind: ErrorKind } };

export type Reply = (answer: Answer) => void;
