import { type ErrorRecord, type Json } from '@summit/kernel';

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
}

export type CommandBody =
  | {
      readonly verb: 'run.start';
      readonly threadId: string;
      readonly workflow: string;
      readonly version?: string | undefined;
      readonly input: Json;
    }
  | { readonly verb: 'run.signal'; readonly runId: string; readonly name: string; readonly payload: Json }
  | { readonly verb: 'run.pause' | 'run.resume'; readonly runId: string }
  | { readonly verb: 'run.cancel'; readonly runId: string; readonly reason: string };

/** A question; it changes nothing. `waitMs`: hold the answer until the run has ended or waits. */
export interface RunQuery {
  readonly tenant: string;
  readonly runId: string;
  readonly waitMs?: number;
}

/** What comes back; only ever after what it was computed from is durable. // I1 */
export type Answer =
  | { readonly ok: true; readonly value: Json; readonly repeated?: boolean }
  | { readonly ok: false; readonly error: ErrorRecord & { readonly kind: ErrorKind } };

/** How an edge words an error: as HTTP status, as exit status. */
export type ErrorKind = 'invalid' | 'not_found' | 'refused' | 'conflict' | 'unavailable' | 'defect';

export type Reply = (answer: Answer) => void;
