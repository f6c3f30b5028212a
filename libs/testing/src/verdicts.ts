import { type ApprovalTerms, twinAllow, twinDeny } from '@summit/policy';

/** Verdicts for a rule of a test's own. */
export const allow = twinAllow;
export const deny = twinDeny;

/** People are asked: how many, of which roles, for how many seconds. */
export const ask = (reason: string, { quorum = 1, roles, ttl_s = 3600, ...terms }: Terms) =>
  ({
    verdict: 'require_approval',
    reasons: [reason],
    obligations: [{ id: 'approval', type: 'approval', params: { quorum, roles, ttl_s, ...terms } }],
  }) as const;

type Terms = Pick<ApprovalTerms, 'roles'> & Partial<ApprovalTerms>;
