import { z } from 'zod';
import { defineEvent, json } from './define.ts';

/**
 * What people are asked.
 * - `action`: may this step be done? Asked by policy's verdict `require_approval`.
 * - `start`: may this run begin? Likewise; it is about no step.
 * - `question`: what the workflow itself asks, `ctx.approve`.
 * - `effect`: nobody can tell whether an attempt had its effect; people find out, and say so.
 */
export const approvalSubjectSchema = z.enum(['action', 'start', 'question', 'effect']);
export type ApprovalSubject = z.infer<typeof approvalSubjectSchema>;

/** What a person answers. `modify` approves another action than the one that was shown, or says what an effect brought. */
export const approvalDecisionSchema = z.enum(['approve', 'reject', 'modify', 'abstain']);
export type ApprovalDecision = z.infer<typeof approvalDecisionSchema>;

/** How a question was settled by answers. `denied`: people agreed, and the policy of that moment did not. */
export const approvalOutcomeSchema = z.enum(['approved', 'rejected', 'denied']);
export type ApprovalOutcome = z.infer<typeof approvalOutcomeSchema>;

const of = {
  /** Id of the approval; it names its partition. */
  approval: z.string(),
  /** The step that waits; none of a run's start. */
  step: z.int().nonnegative().optional(),
};

/** The terms of a question, as policy set them. */
const terms = {
  /** SHA-256 of the canonical JSON of `shown`: what an answer has to name. */
  actionHash: z.string(),
  /** How many different people must agree. */
  quorum: z.int().positive(),
  /** Absent: it waits for ever. */
  expiresAt: z.number().optional(),
};

const asked = {
  /** Who may answer: people with one of these roles. */
  roles: z.array(z.string()),
  /** Exactly what is hashed: `{arguments, run, stepKey, tool}`. */
  shown: json,
  /** Why policy asks. */
  reasons: z.array(z.string()),
  /** When nobody answered in time, these are asked, for as long, in seconds. */
  escalate: z.object({ roles: z.array(z.string()), ttl_s: z.number() }).optional(),
  /** Whoever asked for the action may not answer. */
  separation: z.boolean(),
};

/** People are asked; the step, or the run, waits. // C3.1 */
export const ApprovalRequested = defineEvent(
  'ApprovalRequested',
  { ...of, ...terms, about: approvalSubjectSchema, attempt: z.int().positive().optional() },
  z.object({
    ...asked,
    /** Of the tool, the workflow, or the question. */
    name: z.string(),
  }),
);

/**
 * A person answered: the commit's actor. `actionHash` is what they named; `newHash` what a `modify` puts in its place.
 * With `outcome` the question is settled. // C3.2
 */
export const ApprovalDecided = defineEvent(
  'ApprovalDecided',
  {
    ...of,
    decision: approvalDecisionSchema,
    actionHash: z.string(),
    newHash: z.string().optional(),
    outcome: approvalOutcomeSchema.optional(),
  },
  z.object({
    /** Of the person, as they were when they answered. */
    roles: z.array(z.string()),
    reason: z.string().optional(),
    /** Of a `modify`: the arguments instead of those shown; about an effect: its result. */
    action: json.optional(),
  }),
);

/** The question goes on about another action, or under other terms; earlier answers to another hash do not count. */
export const ApprovalAmended = defineEvent('ApprovalAmended', { ...of, ...terms }, z.object(asked));

/** Nobody answered in time, so others are asked. */
export const ApprovalEscalated = defineEvent(
  'ApprovalEscalated',
  { ...of, expiresAt: z.number() },
  z.object({ roles: z.array(z.string()) }),
);

/** Nobody answered in time. */
export const ApprovalExpired = defineEvent('ApprovalExpired', of);

/** The question is void: its run was cancelled or has ended, or the effect made itself known. */
export const ApprovalWithdrawn = defineEvent('ApprovalWithdrawn', of);

export const approvalEvents = [
  ApprovalRequested,
  ApprovalDecided,
  ApprovalAmended,
  ApprovalEscalated,
  ApprovalExpired,
  ApprovalWithdrawn,
] as const;
