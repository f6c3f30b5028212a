import { approvalSubjectSchema, effectSchema, modelCallSchema } from '@summit/events';
import { type Json } from '@summit/kernel';
import { z } from 'zod';

const json = z.json() as z.ZodType<Json>;
const count = z.int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1);

/**
 * What an action carries, as policy may see it: the value itself, or above {@link MAX_VIEW_BYTES} its digest
 * and size (SHA-256 and length of its canonical JSON). See {@link viewOf}.
 */
export const viewShape = {
  args: json.optional(),
  argsDigest: digest.optional(),
  argsBytes: count.optional(),
};

/** A command or a transition of a run. `registered`: this workflow and version stand in the tenant's catalogue. */
const runStart = z.strictObject({
  kind: z.literal('run.start'),
  /** Workflow. */
  name,
  version: name,
  registered: z.boolean(),
  ...viewShape,
});

/** The coroutine returned; the view shows its output. */
const runComplete = z.strictObject({ kind: z.literal('run.complete'), name, ...viewShape });

/** A signal that somebody sends; `name` is the signal's. */
const runSignal = z.strictObject({ kind: z.literal('run.signal'), name, ...viewShape });

const tool = z.strictObject({
  kind: z.literal('tool'),
  name,
  effect: effectSchema,
  /** Digest of the registered definition; the one that was proposed where nothing is registered. */
  tool: digest,
  registered: z.boolean(),
  sensitive: z.boolean(),
  attempt: z.int().positive(),
  actionHash: digest,
  ...viewShape,
});

/** `ctx.step`: a function of the workflow itself, run by the executor under a permit. */
const step = z.strictObject({
  kind: z.literal('step'),
  name,
  effect: effectSchema,
  attempt: z.int().positive(),
  actionHash: digest,
});

/** A call of a model; `name` is the model's in the app. `call`: without its conversation, which stands as digest. */
const model = z.strictObject({
  kind: z.literal('model'),
  name,
  attempt: z.int().positive(),
  actionHash: digest,
  /** Tokens that the run's earlier calls used. */
  usedTokens: count,
  call: modelCallSchema.optional(),
});

/** A message that a run appends to its thread; `name` is its role, the view its content. */
const message = z.strictObject({ kind: z.literal('message'), name, ...viewShape });

/** Recomputed steps that share one decision; `name` is the first one's. */
const pure = z.strictObject({ kind: z.literal('pure'), name, count: z.int().positive() });

/** An RFC 6902 patch of the thread's state: proposed by a run (`patch`), or by a person (`state.patch`). */
const patch = z.strictObject({
  kind: z.enum(['patch', 'state.patch']),
  name: z.literal('state'),
  ...viewShape,
});

/** A thread is made ahead of its first run; the view shows the state that it begins with. */
const threadCreate = z.strictObject({
  kind: z.literal('thread.create'),
  name: z.literal('thread'),
  ...viewShape,
});

const sleep = z.strictObject({ kind: z.literal('sleep'), name, ms: z.number().nonnegative() });

/** The run waits for a signal. */
const signal = z.strictObject({
  kind: z.literal('signal'),
  name,
  timeoutMs: z.number().nonnegative().optional(),
});

/** `ctx.approve`: the workflow itself asks people. `name` is the question, the view what is shown with it. */
const approve = z.strictObject({
  kind: z.literal('approve'),
  name,
  actionHash: digest,
  /** Who is to answer, how many of them, and within how many seconds, where the workflow says so. */
  roles: z.array(name).optional(),
  quorum: z.int().positive().optional(),
  ttl_s: z.number().positive().optional(),
  ...viewShape,
});

/** What a person does to a run as a whole. `name` is the workflow's. */
const control = z.strictObject({
  kind: z.enum(['run.pause', 'run.resume', 'run.cancel']),
  name,
  reason: z.string().optional(),
});

const register = z.strictObject({
  kind: z.literal('catalogue.register'),
  what: z.enum(['tool', 'workflow']),
  name,
  /** SHA-256 of the definition's canonical JSON. */
  digest,
  /** Of a tool. */
  effect: effectSchema.optional(),
  sensitive: z.boolean().optional(),
  /** Of a workflow. */
  version: z.string().optional(),
});

/** Somebody decides an open question. What a rule needs of the question stands beside the answer. */
const approvalDecide = z.strictObject({
  kind: z.literal('approval.decide'),
  /** Tool of the action in question; the workflow, or the question itself. */
  name,
  /** `effect`: nobody can tell whether an attempt had its effect; it never expires. */
  about: approvalSubjectSchema,
  approval: name,
  decision: z.enum(['approve', 'reject', 'modify', 'abstain']),
  /** The hash that the decider names, and the one that is open now. */
  actionHash: digest,
  openHash: digest,
  open: z.boolean(),
  expiresAt: z.number().optional(),
  /** Nobody answers what they asked for themselves. */
  separation: z.boolean(),
  /** Who started the run or supplied a message or an edit: nobody approves what they asked for. */
  requesters: z.array(z.string()),
  /** Who has decided already. */
  deciders: z.array(z.string()),
  /** Roles that may decide, of the obligation that asked. */
  roles: z.array(z.string()),
});

/** What only the root policy decides, besides {@link control}. */
const rootAction = z.strictObject({
  kind: z.enum(['bundle.activate', 'bundle.rollback', 'key.rotate', 'key.erase', 'recover']),
  name,
  /** Of a bundle: its digest, and whether its signature was verified. */
  digest: digest.optional(),
  verified: z.boolean().optional(),
});

/** Every action that policy is asked about; `kind` selects the entry point, see {@link entryFor}. */
export const actionSchema = z.discriminatedUnion('kind', [
  runStart,
  runComplete,
  runSignal,
  tool,
  step,
  model,
  message,
  pure,
  patch,
  threadCreate,
  sleep,
  signal,
  approve,
  control,
  register,
  approvalDecide,
  rootAction,
]);
export type PolicyAction = z.infer<typeof actionSchema>;
export type ActionKind = PolicyAction['kind'];
