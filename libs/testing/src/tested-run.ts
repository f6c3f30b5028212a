import { type Models } from '@summit/agents';
import { type TwinRule } from '@summit/policy';
import { type ErrorRecord, type Json, type JsonObject } from '@summit/kernel';
import { type Tool } from '@summit/sdk';

/** What people are asked, as {@link TestOptions.approve} sees it. */
export interface Asked {
  /** What is asked about: a tool's name, or the title of `ctx.approve`. */
  readonly name: string;
  /** Why policy asks. */
  readonly reasons: readonly string[];
  readonly roles: readonly string[];
  /** What would be done, or what is shown with the question. */
  readonly arguments: Json;
}

/** What a person answers; `modify` puts other arguments in their place. */
export type Answered =
  | { readonly decision: 'approve' }
  | { readonly decision: 'reject'; readonly reason: string }
  | { readonly decision: 'modify'; readonly action: Json };

/** How a workflow is tried. */
export interface TestOptions {
  /** By name; needed where the app has several. */
  readonly workflow?: string;
  /** What it is started with; or a message, as a user says it to an agent. */
  readonly input?: Json;
  readonly message?: string;
  /** The thread's state when it starts. */
  readonly state?: JsonObject;
  /** Who starts it; `developer` with no roles, where nobody is named. */
  readonly user?: { readonly name: string; readonly roles: readonly string[] };
  /** Tools called in the place of the app's own; see `standIn`. */
  readonly tools?: readonly Tool[];
  /** Models by name, before the app's own. */
  readonly models?: Models;
  /**
   * The directory of the app's policies (its `data.json`; Rego has tests of its own), or a rule of the test's own, that
   * answers `allow`, `deny(…)` or `ask(…)`. Without it the policy of development decides: what the app registers is
   * allowed, what is `sensitive` asks people.
   */
  readonly policies?: string | TwinRule;
  /** What is sent to each `ctx.signal`, by name, in order. Without a value time passes until it gives up. */
  readonly signals?: Readonly<Record<string, readonly Json[]>>;
  /** Answers for the people who are asked. Undefined, or without it: nobody answers, time passes. */
  readonly approve?: (asked: Asked) => Answered | undefined;
  /** How long the test may take, milliseconds of the machine's time; default 20 s. */
  readonly deadlineMs?: number;
}

/** A step that was taken. */
export interface TestedStep {
  /** Its stable key. */
  readonly key: string;
  readonly kind: string;
  /** The tool's, for one. */
  readonly name: string;
  /** Attempts that were permitted. */
  readonly attempts: number;
  /** Undefined where it has no answer yet. */
  readonly result: { readonly output: Json } | { readonly error: ErrorRecord } | undefined;
}

/** What became of a run. */
export interface TestedRun {
  /** `waiting`: for something that the test does not give, and that no time brings. */
  readonly status: 'completed' | 'failed' | 'cancelled' | 'waiting';
  readonly output: Json;
  readonly error: ErrorRecord | undefined;
  /** `signal:go`, `approval:apr_…`, … */
  readonly waitingFor: readonly string[];
  /** In the order in which they were proposed. */
  readonly steps: readonly TestedStep[];
  /** What people were asked. */
  readonly asked: readonly Asked[];
  /** The thread's state. */
  readonly state: Json;
  /** Milliseconds from its start to its end, by its own time. */
  readonly tookMs: number;
}
