import { type Message, type StepKind } from '@summit/events';
import { type ErrorRecord, type Instant, type Json } from '@summit/kernel';

/** A run's epoch: whose reign, and how often the run was given away in it. Ordered; proposals of an old one are refused. */
export interface RunEpoch {
  readonly leader: number;
  readonly assignment: number;
}

/** How a step ended, as its coroutine sees it. */
export type StepResult =
  { readonly ok: true; readonly output: Json } | { readonly ok: false; readonly error: ErrorRecord };

/** One RFC 6902 operation. */
export type PatchOperation = Readonly<Record<string, Json>>;

/** An intent: a durable operation that a coroutine asks for under a stable key. */
export type Proposal =
  | {
      readonly kind: 'propose';
      readonly stepKey: string;
      readonly step: Extract<StepKind, 'tool' | 'step' | 'model'>;
      /** Of a `model`: the model's. */
      readonly name: string;
      /** Digest of the tool's definition; of a `step` or a `model` there is none. */
      readonly tool?: string;
      /** Of a `model` a `ModelCall`: what is asked, by digest. */
      readonly args: Json;
    }
  | { readonly kind: 'sleep'; readonly stepKey: string; readonly name: string; readonly ms: number }
  | { readonly kind: 'signal'; readonly stepKey: string; readonly name: string; readonly timeoutMs?: number }
  | Question
  | { readonly kind: 'patch'; readonly stepKey: string; readonly patch: readonly PatchOperation[] };

/** `ctx.approve`: the workflow itself asks people. Terms that it does not name are policy's. */
export interface Question {
  readonly kind: 'approve';
  readonly stepKey: string;
  /** What is asked. */
  readonly name: string;
  /** What is shown with it; what an answer may modify. */
  readonly data: Json;
  readonly roles?: readonly string[];
  readonly quorum?: number;
  readonly expiresMs?: number;
}

/** What an executor has to say about a run, in the order in which it happened. */
export type FrameItem =
  | Proposal
  /** A permitted attempt succeeded, and the coroutine went on with it at `at` (executor's clock). */
  | {
      readonly kind: 'outcome';
      readonly stepKey: string;
      readonly attempt: number;
      readonly output: Json;
      readonly at: Instant;
    }
  /** It failed; the leader says what follows. `unknown`: nobody can tell whether it had its effect. */
  | {
      readonly kind: 'failure';
      readonly stepKey: string;
      readonly attempt: number;
      readonly error: ErrorRecord;
      readonly unknown?: boolean;
    }
  /** What `reconcile` found out about an attempt in doubt. */
  | {
      readonly kind: 'reconciled';
      readonly stepKey: string;
      readonly attempt: number;
      readonly verdict: 'done' | 'never' | 'unknown';
      readonly output?: Json;
      readonly reason?: string;
    }
  | { readonly kind: 'pure'; readonly stepKey: string; readonly output: Json }
  /** A message of the thread's conversation that the run appends; its coroutine goes on without waiting. */
  | { readonly kind: 'message'; readonly stepKey: string; readonly message: Message }
  | { readonly kind: 'delivered'; readonly version: number; readonly stepKey: string; readonly at: Instant }
  /** The coroutine received a person's {@link Edit}. */
  | { readonly kind: 'edited'; readonly version: number; readonly at: Instant }
  | { readonly kind: 'complete'; readonly output: Json }
  | { readonly kind: 'fail'; readonly error: ErrorRecord }
  | {
      readonly kind: 'diverged';
      readonly stepKey: string;
      readonly recorded: string;
      readonly proposed: string;
    }
  /** The coroutine of a run that was asked to stop has ended and holds no attempt any more. */
  | { readonly kind: 'stopped' };

/**
 * An ordered list of items of one run; refused in part is refused whole. Numbered densely per coroutine, from 1; 0 is
 * what is left to say of a coroutine that is gone: what became of its attempts.
 */
export interface Frame {
  readonly tenant: string;
  readonly runId: string;
  readonly executor: string;
  readonly epoch: RunEpoch;
  readonly number: number;
  readonly items: readonly FrameItem[];
  /** What is wrong with its items, where they could not be read. */
  readonly fault?: string;
}

/** A step that the leader settled; the coroutine marks the delivery with the commit's version. */
export interface Settlement {
  readonly version: number;
  readonly stepKey: string;
  readonly result: StepResult;
  /** Of a patch: the operations that now hold. */
  readonly patch?: readonly PatchOperation[];
  /** See {@link Executed}. */
  readonly executed?: Executed;
}

/** [C3.2] Arguments that an attempt was executed with, where its permit put them in the place of the proposed ones. */
export type Executed = Json;

/**
 * [C3.3] A person changed the thread's state while the run has it. `version`: of the commit, as the coroutine's mark
 * names it; `stateVersion`: dense per thread, so that edits and the run's own patches are received in one order.
 */
export interface Edit {
  readonly version: number;
  readonly stateVersion: number;
  readonly patch: readonly PatchOperation[];
}

/** The right to one attempt. Without `args` the proposed ones stand. */
export interface Permit {
  readonly stepKey: string;
  readonly attempt: number;
  readonly actionHash: string;
  readonly args?: Json | undefined;
  /** Of a model call: the version of the commit that gave it, which its tokens name. */
  readonly version?: number | undefined;
}

/** An attempt in doubt: `reconcile` it, do not repeat it. */
export interface Doubt {
  readonly stepKey: string;
  readonly attempt: number;
  readonly name: string;
  readonly tool: string;
  readonly args: Json;
}

/** What a coroutine needs to stand again where it stood, in the order in which it happened. */
export type HistoryItem =
  | { readonly t: 'proposed'; readonly stepKey: string; readonly actionHash: string }
  | {
      readonly t: 'outcome';
      readonly stepKey: string;
      readonly output: Json;
      readonly at: Instant;
      /** See {@link Executed}. */
      readonly executed?: Executed;
    }
  | { readonly t: 'pure'; readonly stepKey: string; readonly output: Json }
  | { readonly t: 'message'; readonly stepKey: string }
  | ({ readonly t: 'settled' } & Settlement)
  | ({ readonly t: 'edit' } & Edit)
  | { readonly t: 'edited'; readonly version: number; readonly at: Instant }
  | { readonly t: 'delivered'; readonly version: number; readonly stepKey: string; readonly at: Instant };
