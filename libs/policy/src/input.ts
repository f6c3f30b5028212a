import { canonicalJson, type Json, sha256 } from '@summit/kernel';
import { z } from 'zod';
import { actionSchema } from './action.ts';

/** A decision's whole canonical input is at most this long, in UTF-8 bytes; a longer one is denied. */
export const MAX_INPUT_BYTES = 64 * 1024;

/** What an action carries is shown to policy up to this many UTF-8 bytes, else as digest and size. */
export const MAX_VIEW_BYTES = 8 * 1024;

/**
 * What policy is asked, version 1: everything a decision depends on, `now` and the counters included, so that it
 * re-evaluates to the same bytes. No secret, and nothing of another tenant. // I8
 */
export const policyInputSchema = z.strictObject({
  v: z.literal(1),
  tenant: z.string().min(1),
  /** Journal time, milliseconds since the epoch. */
  now: z.number(),
  actor: z.strictObject({
    kind: z.enum(['user', 'executor', 'leader']),
    id: z.string().min(1),
    roles: z.array(z.string()),
  }),
  thread: z.strictObject({ id: z.string().min(1) }).optional(),
  run: z
    .strictObject({
      id: z.string().min(1),
      workflow: z.string().min(1),
      version: z.string().min(1),
      /** Id of the user who started it. */
      startedBy: z.string(),
      /** Steps proposed and attempts permitted before this action, those still undecided counted as reserved. */
      steps: z.int().nonnegative(),
      attempts: z.int().nonnegative(),
    })
    .optional(),
  action: actionSchema,
});
export type PolicyInput = z.infer<typeof policyInputSchema>;

/** What stands in an action for what it carries: see {@link viewOf}. */
export type View = { args: Json } | { argsBytes: number; argsDigest: string };

const encoder = new TextEncoder();

/** The bounded view of a value: itself, or above {@link MAX_VIEW_BYTES} digest and size of its canonical text. */
export function viewOf(value: Json, text: string = canonicalJson(value)): View {
  if (text.length * 3 <= MAX_VIEW_BYTES) return { args: value };
  const bytes = encoder.encode(text);
  if (bytes.length <= MAX_VIEW_BYTES) return { args: value };
  return { argsBytes: bytes.length, argsDigest: sha256(bytes) };
}
