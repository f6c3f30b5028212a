import { z } from 'zod';
import { defineEvent } from './define.ts';

/** A call that a model asks for, as it wrote it: `arguments` is JSON text that may not parse. */
export const modelToolCallSchema = z.object({ id: z.string(), name: z.string(), arguments: z.string() });
export type ModelToolCall = z.infer<typeof modelToolCallSchema>;

/** A message of a conversation. `content` is text; of a tool's answer, JSON text. */
export const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), content: z.string() }),
  z.object({
    role: z.literal('assistant'),
    content: z.string(),
    toolCalls: z.array(modelToolCallSchema).optional(),
  }),
  z.object({
    role: z.literal('tool'),
    /** Which of the assistant's calls it answers. */
    toolCallId: z.string(),
    name: z.string(),
    content: z.string(),
    /** The call was denied, refused, or failed; `content` says why. */
    isError: z.boolean().optional(),
  }),
]);
export type Message = z.infer<typeof messageSchema>;

/**
 * [C4.1] A message of the thread. It stands in a commit of the run that brought it: a user's beside `RunCreated`, an
 * assistant's and a tool's where the run appended them. `index` is dense per thread, from 0, in the order of the journal.
 */
export const MessageAppended = defineEvent(
  'MessageAppended',
  { index: z.int().nonnegative(), role: z.enum(['user', 'assistant', 'tool']) },
  z.object({
    /** Under which the workflow appended it; a message that came with the run's start has none. */
    stepKey: z.string().optional(),
    message: messageSchema,
  }),
);

/**
 * What a call of a model is, as it is proposed, hashed, and shown to policy. The conversation itself is not copied:
 * it follows from messages and results that the journal holds already, and `conversation.digest` says which it was.
 */
export const modelCallSchema = z.strictObject({
  /** The model's name in the app, such as `default`. */
  model: z.string().min(1).max(128),
  /** The agent that asks; a workflow that calls a model itself has none. */
  agent: z.string().max(128).optional(),
  conversation: z.strictObject({
    /** Messages, without the instructions. */
    messages: z.int().nonnegative(),
    /** Length of its canonical JSON, UTF-8 bytes. */
    bytes: z.int().nonnegative(),
    /** SHA-256 of canonical `{instructions, messages, tools}`. */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** The last message; above 2 KiB its digest and size. */
  last: z
    .strictObject({
      role: z.enum(['user', 'assistant', 'tool']),
      content: z.string().max(2048).optional(),
      digest: z.string().optional(),
      bytes: z.int().nonnegative().optional(),
    })
    .optional(),
  /** An estimate: a token for four bytes. */
  inputTokens: z.int().nonnegative(),
  /** Bound of what it may answer; none where it is not given. */
  maxOutputTokens: z.int().positive().optional(),
  /** The longest silence of its stream, milliseconds. */
  timeoutMs: z.int().positive().max(3_600_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** Names of the tools that it may ask for. */
  tools: z.array(z.string().max(128)).max(128),
});
export type ModelCall = z.infer<typeof modelCallSchema>;

/** Tokens that a call used, as the provider counts them; 0 where it does not say. */
export const modelUsageSchema = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
});

/** The output of a completed step of kind `model`. */
export const modelReplySchema = z.object({
  text: z.string(),
  toolCalls: z.array(modelToolCallSchema),
  finishReason: z.enum(['stop', 'length', 'tool-calls', 'content-filter', 'other']),
  usage: modelUsageSchema,
  /** What was streamed: how many deltas, and SHA-256 of the text that they make. */
  tokens: z.object({ count: z.int().nonnegative(), digest: z.string() }),
  /** As the provider names the model that answered. */
  model: z.string(),
});
export type ModelReply = z.infer<typeof modelReplySchema>;
