import { z } from 'zod';
import { defineEvent, errorSchema, json } from './define.ts';
import { MessageAppended } from './message.events.ts';

/** What a tool does to the world, and so what may be done again after a crash. */
export const effectSchema = z.enum(['pure', 'idempotent', 'once']);
export type Effect = z.infer<typeof effectSchema>;

/** Kinds of durable operation. `tool`, `step` and `model` run on an executor under a permit; the leader settles the rest. */
export const stepKindSchema = z.enum(['tool', 'step', 'model', 'patch', 'sleep', 'signal', 'approval']);
export type StepKind = z.infer<typeof stepKindSchema>;

/** How often and how far apart a failed attempt is tried again. Intervals in milliseconds. */
export const retrySchema = z.object({
  maxAttempts: z.int().min(1).max(1000),
  initialMs: z.int().min(0),
  factor: z.number().min(1),
  maxMs: z.int().min(0),
});
export type RetryPolicy = z.infer<typeof retrySchema>;

/** Terms of a tool call or a `ctx.step` that names none. They are what an absence in the journal means: never changed. */
export const STEP_DEFAULTS: { readonly timeoutMs: number; readonly retry: Readonly<RetryPolicy> } =
  Object.freeze({
    timeoutMs: 60_000,
    retry: Object.freeze({ maxAttempts: 5, initialMs: 200, factor: 2, maxMs: 30_000 }),
  });

const step = z.int().nonnegative();
const attempt = z.int().positive();

/**
 * A run was accepted. With it its thread exists too, where it did not before. `interrupts`: the run that was cancelled
 * in its favour; it goes before those that wait for the thread.
 */
export const RunCreated = defineEvent(
  'RunCreated',
  { thread: z.string(), interrupts: z.string().optional() },
  z.object({
    workflow: z.string(),
    version: z.string(),
    threadId: z.string(),
    input: json,
    /** Seeds `ctx.random` and `ctx.uuid`; 32 hexadecimal digits. */
    seed: z.string(),
  }),
);

/** A run was given to an executor's incarnation; (leaderEpoch, assignment) is the run's epoch. */
export const RunAssigned = defineEvent('RunAssigned', {
  executor: z.string(),
  leaderEpoch: z.int(),
  assignment: z.int(),
  /** The coroutine was kept: it goes on where it stands, and so do its frames' numbers. */
  kept: z.boolean(),
});

/** An intent. Steps are numbered by the runtime; the key that people chose is sealed. */
export const StepProposed = defineEvent(
  'StepProposed',
  {
    step,
    kind: stepKindSchema,
    effect: effectSchema,
    /** SHA-256 of canonical {run, stepKey, tool, arguments}: what is decided, shown and permitted. */
    actionHash: z.string(),
    /** Of the arguments as the coroutine proposed them, where policy transformed them; replay compares it. */
    proposedHash: z.string().optional(),
    /** Digest of the tool's definition. */
    tool: z.string().optional(),
    timeoutMs: z.int().optional(),
    retry: retrySchema.optional(),
    /** When a sleep ends, or a signal stops being waited for. */
    dueAt: z.number().optional(),
  },
  // `proposed`: the arguments before policy transformed them.
  z.object({ stepKey: z.string(), name: z.string(), args: json, proposed: json.optional() }),
);

/** The right to one attempt, spent once by the executor it names. // I4 */
export const PermitGranted = defineEvent(
  'PermitGranted',
  { step, attempt, executor: z.string(), leaderEpoch: z.int(), assignment: z.int(), actionHash: z.string() },
  // Only where the arguments are not the proposed ones (transformed by policy, modified by a person).
  z.object({ args: json }),
);

export const StepDenied = defineEvent('StepDenied', { step }, z.object({ error: errorSchema }));

/**
 * The step's result, from now on the answer to its key. // C1.3
 * `at` (executor's clock) stands where the coroutine went on by itself, before the commit; without it the result
 * reaches the coroutine by a `Delivered`.
 */
export const StepCompleted = defineEvent(
  'StepCompleted',
  { step, attempt: z.int(), at: z.number().optional() },
  z.object({ output: json }),
);

/** One attempt failed; another follows at `retryAt`. */
export const AttemptFailed = defineEvent(
  'AttemptFailed',
  { step, attempt, retryAt: z.number() },
  z.object({ error: errorSchema }),
);

export const StepFailed = defineEvent(
  'StepFailed',
  { step, attempt: z.int() },
  z.object({ error: errorSchema }),
);

/** Steps without effect, computed by the coroutine in order; one event for all that share a frame. */
export const PureComputed = defineEvent(
  'PureComputed',
  { count: z.int() },
  z.object({ steps: z.array(z.object({ stepKey: z.string(), output: json })) }),
);

/**
 * The thread's state changed by an RFC 6902 patch; `stateVersion` is dense per thread. A step of the run that holds
 * the commit did it, or, without a step, a person: the commit's actor. // C3.3
 */
export const StatePatched = defineEvent(
  'StatePatched',
  { stateVersion: z.int(), step: step.optional(), actionHash: z.string() },
  z.object({
    stepKey: z.string().optional(),
    patch: z.array(z.record(z.string(), json)),
    /** SHA-256 of the canonical state that it made: what a client compares its own with. // C2.3 */
    hash: z.string().optional(),
  }),
);

/**
 * The coroutine received, at `at` on its clock, what commit `version` of its run held for `step`; without a step, the
 * person's edit of the state that the commit held. // C3.3
 */
export const Delivered = defineEvent('Delivered', {
  version: z.int(),
  step: step.optional(),
  at: z.number(),
});

export const SignalReceived = defineEvent(
  'SignalReceived',
  {},
  z.object({ name: z.string(), payload: json }),
);

/** Nobody can tell whether the attempt had its effect. It is never repeated blindly. */
export const EffectUnknown = defineEvent(
  'EffectUnknown',
  { step, attempt },
  z.object({ reason: z.string() }),
);

/** `reconcile` proved that the attempt never had, and never will have, its effect. */
export const EffectNeverHappened = defineEvent('EffectNeverHappened', { step, attempt });

export const RunPaused = defineEvent('RunPaused', {});
export const RunResumed = defineEvent('RunResumed', {});
export const RunCancelRequested = defineEvent('RunCancelRequested', {}, z.object({ reason: z.string() }));
export const RunCancelled = defineEvent('RunCancelled', {});
export const RunCompleted = defineEvent('RunCompleted', {}, z.object({ output: json }));
export const RunFailed = defineEvent('RunFailed', {}, z.object({ error: errorSchema }));

/** The code no longer does what the history says; the run stopped and nothing was executed. */
export const RunDiverged = defineEvent(
  'RunDiverged',
  {},
  z.object({ stepKey: z.string(), recorded: z.string(), proposed: z.string() }),
);

export const runEvents = [
  RunCreated,
  RunAssigned,
  StepProposed,
  PermitGranted,
  StepDenied,
  StepCompleted,
  AttemptFailed,
  StepFailed,
  PureComputed,
  StatePatched,
  Delivered,
  SignalReceived,
  MessageAppended,
  EffectUnknown,
  EffectNeverHappened,
  RunPaused,
  RunResumed,
  RunCancelRequested,
  RunCancelled,
  RunCompleted,
  RunFailed,
  RunDiverged,
] as const;
