import {
  errorSchema,
  json,
  messageSchema,
  toolDefinitionSchema,
  workflowDefinitionSchema,
} from '@summit/events';
import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';
import { type Frame } from './frame.ts';
import { type ExecutorMessage } from './messages.ts';

const stepKey = z.string().min(1);
const name = z.string().min(1);
const count = z.int().nonnegative();
const attempt = z.int().positive();
const ms = z.number().nonnegative();
const patch = z.array(z.record(z.string(), json));

const itemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('outcome'),
    stepKey,
    attempt,
    output: json,
    at: count,
  }),
  z.object({
    kind: z.literal('propose'),
    stepKey,
    step: z.enum(['tool', 'step', 'model']),
    name,
    tool: z.string().exactOptional(),
    args: json,
  }),
  z.object({ kind: z.literal('sleep'), stepKey, name, ms }),
  z.object({ kind: z.literal('signal'), stepKey, name, timeoutMs: ms.exactOptional() }),
  z.object({
    kind: z.literal('approve'),
    stepKey,
    name,
    data: json,
    roles: z.array(name).exactOptional(),
    quorum: z.int().positive().exactOptional(),
    expiresMs: ms.exactOptional(),
  }),
  z.object({ kind: z.literal('patch'), stepKey, patch }),
  z.object({
    kind: z.literal('failure'),
    stepKey,
    attempt,
    error: errorSchema,
    unknown: z.boolean().exactOptional(),
  }),
  z.object({
    kind: z.literal('reconciled'),
    stepKey,
    attempt,
    verdict: z.enum(['done', 'never', 'unknown']),
    output: json.exactOptional(),
    reason: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('pure'), stepKey, output: json }),
  z.object({ kind: z.literal('message'), stepKey, message: messageSchema }),
  z.object({ kind: z.literal('delivered'), version: count, stepKey, at: count }),
  z.object({ kind: z.literal('edited'), version: count, at: count }),
  z.object({ kind: z.literal('complete'), output: json }),
  z.object({ kind: z.literal('fail'), error: errorSchema }),
  z.object({ kind: z.literal('diverged'), stepKey, recorded: z.string(), proposed: z.string() }),
  z.object({ kind: z.literal('stopped') }),
]);

const epoch = z.object({ leader: count, assignment: count });
const place = { tenant: name, runId: name, epoch };

const messageOfExecutor = z.object({
  executor: name,
  asked: z.number(),
  introduction: z
    .object({
      tenants: z.array(name),
      tools: z.array(toolDefinitionSchema),
      workflows: z.array(workflowDefinitionSchema),
      holds: z.array(z.object(place)),
    })
    .exactOptional(),
  leaving: z.boolean().exactOptional(),
  frames: z.array(z.object({ ...place, executor: name, number: count, items: z.array(z.unknown()) })),
});

const items = z.array(itemSchema);

/**
 * Reads what an executor sent over the bus: executors hold no authority, and what is recorded of a frame must be
 * readable for ever. Members that are not known are left out. Where a frame's items are not what they should be the
 * frame says so (`fault`), and is refused by itself: the others of its message go on. // C1.1
 *
 * Throws `MESSAGE_MALFORMED` where the message is none at all.
 */
export function readExecutorMessage(value: unknown): ExecutorMessage {
  const read = messageOfExecutor.safeParse(value);
  if (!read.success) throw malformed(firstFault(read.error));
  return { ...read.data, frames: read.data.frames.map(readFrame) };
}

function readFrame(frame: Omit<Frame, 'items'> & { readonly items: readonly unknown[] }): Frame {
  const read = items.safeParse(frame.items);
  if (!read.success) return { ...frame, items: [], fault: firstFault(read.error) };
  return { ...frame, items: read.data };
}

function firstFault({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue === undefined ? 'unreadable' : `${issue.path.join('.') || 'it'}: ${issue.message}`;
}

const malformed = (why: string): InvalidInputError =>
  new InvalidInputError(
    'MESSAGE_MALFORMED',
    `what an executor sent is no message: ${why}`,
    'Run executors and orchestrators of one release.',
  );
