import { canonicalJson, InvalidInputError, isObject } from '@summit/kernel';
import {
  entryFor,
  type PolicyAnswer,
  type PolicyInput,
  policyInputSchema,
  type PolicyRequest,
} from '@summit/policy';
import { z } from 'zod';

/** An AuthZEN entity or action: what it is, and what is known of it. */
const properties = z.record(z.string(), z.unknown()).default({});
const subject = z.object({ type: z.string(), id: z.string(), properties });
const action = z.object({ name: z.string(), properties });
const resource = z.object({ type: z.string(), id: z.string(), properties });
const context = z.record(z.string(), z.unknown());

/** An Access Evaluation request (OpenID AuthZEN Authorization API 1.0, section 6). */
export const evaluationSchema = z.object({ subject, action, resource, context: context.default({}) });
export type Evaluation = z.infer<typeof evaluationSchema>;

/** Several of them (section 7): members at the top are defaults of each. */
export const evaluationsSchema = z.object({
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: context.optional(),
  evaluations: z.array(z.record(z.string(), z.unknown())).max(100).default([]),
  options: z
    .object({
      evaluations_semantic: z
        .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
        .default('execute_all'),
    })
    .default({ evaluations_semantic: 'execute_all' }),
});

/** The answer to one (section 6.2). `decision` is true for an allow alone. */
export interface EvaluationResult {
  readonly decision: boolean;
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * The question to policy that an evaluation asks. The action's name is the kind of action (`tool`, `run.start`…), the
 * resource's id what it is done to; properties of both, and `run`, `thread` and `now` of the context, are taken over.
 * Throws {@link InvalidInputError} `INVALID_EVALUATION` where they do not make an action that policy knows.
 */
export function requestOf(tenant: string, evaluation: Evaluation, now: number): PolicyRequest {
  const { subject, action, resource, context } = evaluation;
  const { roles = [], ...others } = subject.properties;
  const parsed = policyInputSchema.safeParse({
    v: 1,
    tenant,
    now: context['now'] ?? now,
    actor: { kind: subject.type, id: subject.id, roles, ...others },
    thread: context['thread'],
    run: context['run'],
    action: { ...resource.properties, ...action.properties, kind: action.name, name: resource.id },
  });
  if (!parsed.success) throw invalid(parsed.error);
  const input: PolicyInput = parsed.data;
  return { tenant, entry: entryFor(input.action.kind), input: canonicalJson(input) };
}

/** Reads a body as an evaluation, with defaults for what it leaves out. Throws `INVALID_EVALUATION`. */
export function evaluationOf(body: unknown, defaults: object = {}): Evaluation {
  const parsed = evaluationSchema.safeParse(isObject(body) ? { ...defaults, ...body } : body);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error);
}

/** The batch, or the one evaluation that a body without a batch is. Throws `INVALID_EVALUATION`. */
export function batchOf(body: unknown): { evaluations: unknown[]; defaults: object; semantic: string } {
  const parsed = evaluationsSchema.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error);
  const { evaluations, options, ...given } = parsed.data;
  const defaults = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const semantic = options.evaluations_semantic;
  return { evaluations: evaluations.length === 0 ? [{}] : evaluations, defaults, semantic };
}

export function resultOf(answer: PolicyAnswer): EvaluationResult {
  const { verdict, reasons, obligations, policy, code } = answer;
  return {
    decision: verdict === 'allow',
    context: { verdict, reasons, obligations, policy, ...(code !== undefined && { code }) },
  };
}

/** Whether a batch ends with this result. */
export function endsWith(semantic: string, { decision }: EvaluationResult): boolean {
  return semantic === (decision ? 'permit_on_first_permit' : 'deny_on_first_deny');
}

function invalid(error: z.ZodError): InvalidInputError {
  const fields = error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  const next = 'Send an AuthZEN 1.0 evaluation whose action is one that policy knows.';
  return new InvalidInputError('INVALID_EVALUATION', fields.join('; '), next);
}
