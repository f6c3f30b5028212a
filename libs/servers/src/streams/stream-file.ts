import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationMs, InvalidInputError } from '@summit/kernel';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../paths.ts';

const durationNs = z.union([z.string(), z.literal(0)]).transform((text) => durationMs(text) * 1_000_000);

/** A durable pull consumer with explicit acknowledgement, shared by whoever takes from it. */
const consumerEntry = z.strictObject({
  name: z.string().regex(/^[a-z0-9_-]+$/),
  /** A message that is neither acknowledged nor said to be worked on for so long is given out again. */
  ack_wait: durationNs,
  /** Messages given out and not acknowledged, of all who take from it together. */
  max_ack_pending: z.int().positive(),
});

const streamEntry = z.strictObject({
  name: z.string().regex(/^[A-Z0-9_]+(<pp>_<gen>)?$/),
  description: z.string(),
  /** `partition`: one stream for each partition, `<pp>` and `<gen>` filled in. */
  each: z.literal('partition').optional(),
  /** Nothing but the number of replicas is ever changed. */
  frozen: z.boolean().default(false),
  subjects: z.array(z.string()).min(1),
  storage: z.enum(['file', 'memory']),
  retention: z.enum(['limits', 'workqueue', 'interest']).default('limits'),
  discard: z.enum(['old', 'new']).default('old'),
  max_age: durationNs.default(0),
  /** The server takes 2 minutes, or the age limit where that is shorter. */
  duplicate_window: durationNs.default(120_000_000_000),
  max_bytes: z.int().positive().default(-1),
  max_msgs_per_subject: z.int().positive().default(-1),
  discard_new_per_subject: z.boolean().default(false),
  /** -1: as large as the server's `max_payload` lets it be. */
  max_msg_size: z.int().positive().default(-1),
  allow_rollup_hdrs: z.boolean().default(false),
  deny_delete: z.boolean().default(false),
  deny_purge: z.boolean().default(false),
  consumers: z.array(consumerEntry).default([]),
});

const streamFile = z.strictObject({
  version: z.literal(1),
  partitions: z.int().min(1).max(64),
  streams: z.array(streamEntry).min(1),
});

export type StreamEntry = z.infer<typeof streamEntry>;
export type StreamFile = z.infer<typeof streamFile>;

/** `deploy/nats/streams.yaml`. */
export const defaultStreamFile = join(repositoryRoot, 'deploy', 'nats', 'streams.yaml');

/** Throws `STREAM_FILE_INVALID` with the path of the first wrong field. */
export function readStreamFile(file = defaultStreamFile): StreamFile {
  return parseStreamFile(readFileSync(file, 'utf8'), file);
}

export function parseStreamFile(text: string, file = 'streams.yaml'): StreamFile {
  const result = streamFile.safeParse(parse(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.join('.') ?? '';
  throw new InvalidInputError(
    'STREAM_FILE_INVALID',
    `${file}: ${place}: ${issue?.message ?? 'not readable'}`,
    'Mend that field; docs/errors/STREAM_FILE_INVALID.md lists them.',
  );
}
