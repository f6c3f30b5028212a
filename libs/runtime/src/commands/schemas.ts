/**
 * What people may ask, by verb: the one source of what HTTP and NATS take. DTO classes wrap these shapes, and the
 * published JSON Schemas are made of them ({@link commandJsonSchema}).
 */
import { approvalDecisionSchema } from '@summit/events';
import { type Json, MAX_NAME_BYTES } from '@summit/kernel';
import { z } from 'zod';

const encoder = new TextEncoder();

/** Anything; it was JSON when it came. */
const anything = z.unknown() as z.ZodType<Json | undefined>;

/** An id that people choose, and that a subject can name: 1 to 256 bytes of well-formed text. */
export const chosenId = z
  .string()
  .min(1)
  .max(MAX_NAME_BYTES)
  .refine((id) => id.isWellFormed() && encoder.encode(id).length <= MAX_NAME_BYTES, 'not a usable id');

const runId = z.string().min(1).max(128);
const signalName = z.string().min(1).max(128);

/** One RFC 6902 operation. */
const operation = z
  .looseObject({
    op: z.enum(['add', 'remove', 'replace', 'move', 'copy', 'test']),
    path: z.string(),
    from: z.string().optional(),
    value: anything.optional(),
  })
  .transform((given) => given as Record<string, Json>);

/** Operations of one patch at most. */
const MAX_OPERATIONS = 1000;

export const statePatch = z.array(operation).min(1).max(MAX_OPERATIONS);

/** UTF-16 units of what a user says at once. */
const MAX_MESSAGE_LENGTH = 32 * 1024;

/**
 * `threadId`: without it a thread is made. `version`: without it the newest that is registered. An `input` or a
 * `message`, not both.
 */
const runStart = z.strictObject({
  threadId: chosenId.optional(),
  workflow: z.string().min(1).max(128),
  version: z.string().min(1).max(64).optional(),
  input: anything.optional(),
  message: z.string().min(1).max(MAX_MESSAGE_LENGTH).optional(),
  ifBusy: z.enum(['enqueue', 'reject', 'interrupt']).optional(),
});

const runSignal = z.strictObject({ runId, name: signalName, payload: anything.optional() });
const runControl = z.strictObject({ runId });
const runCancel = z.strictObject({ runId, reason: z.string().max(1000).optional() });

/** `threadId`: without it one is made. */
const threadCreate = z.strictObject({
  threadId: chosenId.optional(),
  state: z.record(z.string(), anything).optional(),
});

/** `expectedVersion`: of the state that the patch was made for. */
const threadPatch = z.strictObject({
  threadId: chosenId,
  patch: statePatch,
  expectedVersion: z.int().nonnegative(),
});

/** `action`: with `modify` alone; what is to be done instead, or what an effect brought. */
const approvalDecide = z.strictObject({
  approvalId: z.string().min(1).max(128),
  decision: approvalDecisionSchema,
  actionHash: z.string().regex(/^[0-9a-f]{64}$/, 'not the hash that was shown'),
  action: anything.optional(),
  reason: z.string().max(1000).optional(),
});

/** Every verb that is served. */
export const commandSchemas = {
  'run.start': runStart,
  'run.signal': runSignal,
  'run.pause': runControl,
  'run.resume': runControl,
  'run.cancel': runCancel,
  'thread.create': threadCreate,
  'state.patch': threadPatch,
  'approval.decide': approvalDecide,
} as const;

export type Verb = keyof typeof commandSchemas;

/** What comes with a verb. */
export type Fields<Name extends Verb> = z.output<(typeof commandSchemas)[Name]>;

export function isVerb(name: string): name is Verb {
  return Object.hasOwn(commandSchemas, name);
}

/** What a message on the bus says besides: its id, and the command of the same user that is to be answered before it. */
export const envelope = z.strictObject({ commandId: chosenId.optional(), after: chosenId.optional() });

/** JSON Schema (2020-12) of a message on `summit.cmd.<tenant>.<user>.<verb>`. */
export function commandJsonSchema(verb: Verb): object {
  const message = z.strictObject({ ...envelope.shape, commandId: chosenId, ...commandSchemas[verb].shape });
  const { $schema, ...schema } = z.toJSONSchema(message, { io: 'input' });
  return { $schema, $id: `/schemas/commands/${verb}.json`, title: verb, ...schema };
}
