import { type Obligation, obligationSchema, type Verdict, verdictSchema } from '@summit/events';
import { type Digest } from '@summit/kernel';
import { z } from 'zod';
import { denial, type DenialCode } from './denial.ts';
import { type PolicyAnswer } from './engine.ts';

/** About thirty years: an instant that far off can still be written down. */
const MAX_TTL_S = 1e9;
/** What an answer says stands in the commit of what it decided, which is bounded. */
const MAX_REASONS = 32;
const MAX_REASON_LENGTH = 2048;
const MAX_OBLIGATIONS = 32;
const MAX_ROLES = 100;
const MAX_NAME_LENGTH = 256;
const MAX_DETAIL_LENGTH = 500;

const ttl = z.number().positive().max(MAX_TTL_S);
const roles = z.array(z.string().min(1).max(MAX_NAME_LENGTH)).min(1).max(MAX_ROLES);

/** Terms of a question to people: the parameters of an `approval` obligation. */
export const approvalTermsSchema = z.strictObject({
  /** How many must agree. */
  quorum: z.int().min(1).max(100),
  /** Who may decide: one of these roles. */
  roles,
  /** Seconds until it expires. */
  ttl_s: ttl,
  /** Whoever asked for the action does not answer (the default); false lets them. */
  separation: z.boolean().optional(),
  /** Who is asked, for how many seconds, where nobody answered in time. */
  escalate: z.strictObject({ roles, ttl_s: ttl }).optional(),
});
export type ApprovalTerms = z.infer<typeof approvalTermsSchema>;

const pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/);
const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['add', 'replace', 'test']), path: pointer, value: z.json() }),
  z.strictObject({ op: z.literal('remove'), path: pointer }),
  z.strictObject({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
]);

const resultSchema = z.strictObject({
  verdict: verdictSchema,
  reasons: z.array(z.string().max(MAX_REASON_LENGTH)).max(MAX_REASONS),
  obligations: z
    .array(obligationSchema.strict().extend({ id: z.string().max(MAX_NAME_LENGTH) }))
    .max(MAX_OBLIGATIONS),
  patch: z.array(operationSchema).min(1).optional(),
});

/** Why a result is not usable, or the patch and duties it brings. */
function fault(verdict: Verdict, obligations: readonly Obligation[], patch: unknown): DenialCode | undefined {
  for (const { type, params } of obligations) {
    if (type !== 'approval') return 'POLICY_UNKNOWN_OBLIGATION';
    if (!approvalTermsSchema.safeParse(params).success) return 'POLICY_INVALID_RESULT';
  }
  if ((verdict === 'require_approval') !== obligations.length > 0) return 'POLICY_INVALID_RESULT';
  if ((verdict === 'transform') !== (patch !== undefined)) return 'POLICY_INVALID_RESULT';
  return undefined;
}

/**
 * Reads what an evaluation gave. Closed by default: only a result of exactly the known shape counts, everything
 * else is denied with a code. An approval comes with `require_approval` and with nothing else, a patch with
 * `transform` and with nothing else.
 */
export function readAnswer(policy: Digest, raw: unknown): PolicyAnswer {
  if (raw === undefined) return denial(policy, 'POLICY_UNDEFINED');
  const result = resultSchema.safeParse(raw);
  if (!result.success) return denial(policy, 'POLICY_INVALID_RESULT', firstIssue(result.error));
  const { verdict, reasons, obligations, patch } = result.data;
  const code = fault(verdict, obligations, patch);
  if (code !== undefined) return denial(policy, code);
  return { policy, verdict, reasons, obligations, ...(patch && { patch: patch }) };
}

const firstIssue = (error: z.ZodError): string => {
  const issue = error.issues[0];
  if (issue === undefined) return 'unreadable';
  return `${issue.path.join('.') || 'result'}: ${issue.message}`.slice(0, MAX_DETAIL_LENGTH);
};
