import { type Digest, partitionToken, subjectToken } from '@summit/kernel';
import { z } from 'zod';
import { anyEventSchema, type AnyEvent } from './catalogue.ts';
import { json } from './define.ts';

/** Facts about the runtime itself belong to this tenant. */
export const SYSTEM_TENANT = '_system';

export const verdictSchema = z.enum(['allow', 'deny', 'require_approval', 'transform']);
export type Verdict = z.infer<typeof verdictSchema>;

/** A duty that comes with a decision; one that the engine does not know denies. */
export const obligationSchema = z.object({
  id: z.string(),
  type: z.string(),
  params: z.record(z.string(), json),
});
export type Obligation = z.infer<typeof obligationSchema>;

/** The policy engine's answer as it is recorded. What names data or people is sealed. */
export const decisionSchema = z.object({
  /** Entry point that was evaluated, such as `summit/action/decision`. */
  entry: z.string(),
  /** Digest of the active policy's identity (bundle, wasm, data, engine); see `PolicyActivated`. */
  policy: z.string(),
  verdict: verdictSchema,
  /** The whole canonical input (RFC 8785 text), so that the decision re-evaluates to the same bytes; sealed. */
  input: z.string().optional(),
  /** Why; codes or sentences; sealed. */
  reasons: z.array(z.string()).optional(),
  obligations: z.array(obligationSchema).optional(),
  /** RFC 6902 patch of a `transform`; sealed. */
  patch: json.optional(),
});
export type Decision = z.infer<typeof decisionSchema> & {
  /** What is written of `input` where the commit says the rest; see `named-input.ts`. Never read back. */
  readonly rest?: string | undefined;
};

export const entitySchema = z.object({
  kind: z.enum(['run', 'thread', 'partition', 'catalogue']),
  id: z.string(),
});
export type Entity = z.infer<typeof entitySchema>;

/** Who caused it. `id` is a surrogate, or an id that the runtime made; the name a person bears is sealed. */
export const actorSchema = z.object({
  kind: z.enum(['user', 'executor', 'leader']),
  id: z.string(),
  name: z.string().optional(),
});
export type Actor = z.infer<typeof actorSchema>;

/** The command that a commit answers; sealed. Repeating (user, id) gets `answer` again for seven days. */
export const commandRecordSchema = z.object({
  user: z.string(),
  id: z.string(),
  /** SHA-256 of the command's canonical body: the same id with another body is refused. */
  digest: z.string(),
  answer: json,
});
export type CommandRecord = z.infer<typeof commandRecordSchema>;

/** The events of one atomic transition of one entity. Opened: the sealed parts stand at their places. */
export const commitSchema = z.object({
  tenant: z.string(),
  entity: entitySchema,
  /** Dense per entity, from 1. // I5 */
  version: z.int().positive(),
  /** Dense per tenant and partition, from 0. // I5 */
  tenantIndex: z.int().nonnegative(),
  /** Digest of the tenant's previous commit in this partition. */
  tenantPrev: z.string(),
  /** 16 random bytes, hexadecimal. */
  salt: z.string(),
  /** Id of the key that seals this commit (a thread's, or the tenant's). */
  key: z.string(),
  causationId: z.string(),
  correlationId: z.string(),
  actor: actorSchema,
  /** max(own clock, last `at` of the partition), milliseconds since the epoch. */
  at: z.number(),
  /** W3C Trace Context `traceparent`, or empty. */
  trace: z.string(),
  decisions: z.array(decisionSchema),
  events: z.array(anyEventSchema),
  command: commandRecordSchema.optional(),
});
export type Commit = Omit<z.infer<typeof commitSchema>, 'events' | 'decisions'> & {
  readonly decisions: readonly Decision[];
  readonly events: readonly AnyEvent[];
};

/** A payload that stands in the object store instead of in its commit; itself part of what the commit seals. */
export interface PayloadReference {
  /** Which event of the commit, from 0, and which member of its data. */
  readonly event: number;
  readonly member: string;
  /** The object's name: SHA-256 of its sealed bytes. */
  readonly digest: Digest;
  /** What the object's key derives from, beside the commit's own; hexadecimal. */
  readonly salt: string;
  /** Of the payload's JSON text. */
  readonly bytes: number;
}

/** `<pp>-<tenant>-<tenantIndex>`; an event's id is `<commit id>.<n>`. */
export function commitId(partition: number, commit: Pick<Commit, 'tenant' | 'tenantIndex'>): string {
  return `${partitionToken(partition)}-${subjectToken(commit.tenant)}-${String(commit.tenantIndex)}`;
}
