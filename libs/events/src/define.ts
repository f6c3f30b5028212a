import { type Json } from '@summit/kernel';
import { z } from 'zod';

/**
 * Facts: why an event may stand in the journal without a policy decision. The list is closed; everything else
 * needs a decision. A fact happened: policy can not deny it, only what follows.
 */
export const FACTS = [
  'outcome', // what a permitted attempt brought
  'timer', // an instant that was waited for has come
  'delivery', // the order in which a coroutine received what the leader sent
  'failure', // a coroutine threw; a run can not go on
  'election', // a leader took the partition over
  'assignment', // a run was given to an executor
  'divergence', // replay met code that differs from the history
  'unknown', // an effect may or may not have happened
  'expiry', // nobody answered in time
  'activation', // the root policy made a bundle the active one
  'denial', // the engine itself refused, before or after policy
] as const;

/** One of the {@link FACTS}. */
export type Fact = (typeof FACTS)[number];

/** What entitles an event to be recorded: the index of one of its commit's decisions, or a fact. // I3 */
export type Basis = number | Fact;

export const basisSchema = z.union([z.int().nonnegative(), z.enum(FACTS)]);

/** Any JSON value, as `JSON.parse` gave it: looking through it again would be a third of what reading a commit costs. */
export const json = z.unknown().refine((value) => value !== undefined, 'expected JSON') as z.ZodType<Json>;

/** An error as events hold it. */
export const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  next: z.string().optional(),
  retryable: z.boolean().optional(),
});

/**
 * An event type in its current version. `clear` stands readable in the journal (ids that the runtime made,
 * versions, times, digests); `data` is sealed, and absent (erased) once its key is destroyed.
 */
export function defineEvent<
  const Type extends string,
  Clear extends z.ZodRawShape,
  Data extends z.ZodType = z.ZodUndefined,
  const Version extends number = 1,
>(type: Type, clear: Clear, data?: Data, version?: Version) {
  return z.object({
    type: z.literal(type),
    v: z.literal((version ?? 1) as Version),
    basis: basisSchema,
    ...clear,
    data: (data ?? z.undefined()).optional() as z.ZodOptional<Data>,
  });
}
