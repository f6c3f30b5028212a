import { isObject } from '@summit/kernel';
import { z } from 'zod';
import { type ApiClient } from './api-client.ts';

const answer = z.looseObject({
  by: z.string(),
  decision: z.string(),
  reason: z.string().optional(),
  action: z.unknown().optional(),
});

export const approvalSaid = z.looseObject({
  approvalId: z.string(),
  status: z.string(),
  about: z.string(),
  name: z.string(),
  runId: z.string(),
  actionHash: z.string(),
  shown: z.looseObject({ arguments: z.unknown() }).nullable(),
  requesters: z.array(z.string()),
  roles: z.array(z.string()),
  quorum: z.int(),
  reasons: z.array(z.string()),
  requestedAt: z.number(),
  expiresAt: z.number().optional(),
  answers: z.array(answer),
});

/** A question to people as the api tells of it. */
export type ApprovalSaid = z.infer<typeof approvalSaid>;

const decisionSaid = z.looseObject({
  approvalId: z.string(),
  runId: z.string(),
  status: z.string(),
  version: z.int(),
});

export function approvalPath(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}

export async function readApproval(api: ApiClient, id: string): Promise<ApprovalSaid> {
  return approvalSaid.parse(await api.getFor(approvalPath(id)));
}

/** What is sent as an answer; the hash of what is open now goes with it, where none was named. */
export interface Decision {
  readonly decision: 'approve' | 'modify' | 'reject';
  readonly actionHash: string;
  readonly action?: unknown;
  readonly reason?: string;
}

export async function decide(
  api: ApiClient,
  id: string,
  decision: Decision,
): Promise<z.infer<typeof decisionSaid>> {
  return decisionSaid.parse(await api.postFor(`${approvalPath(id)}/decisions`, decision));
}

/** A JSON Merge Patch (RFC 7396) of what is shown: members that are named change, those that are null go. */
export function merged(shown: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(shown) ? { ...shown } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** In lines for people. */
export function approvalText(approval: ApprovalSaid): string {
  const { approvalId, status, about, name, runId, actionHash, shown, roles, quorum, reasons } = approval;
  const lines = [
    `${approvalId} ${status}`,
    `  about     ${about} ${name}`,
    `  run       ${runId}`,
    `  shown     ${JSON.stringify(shown?.arguments ?? null)}`,
    `  hash      ${actionHash}`,
    ...(approval.requesters.length > 0 ? [`  asked by  ${approval.requesters.join(', ')}`] : []),
    `  answers   ${quorum} of the roles ${roles.join(', ')}`,
    ...reasons.map((reason) => `  because   ${reason}`),
    ...approval.answers.map(
      ({ by, decision, reason }) => `  ${by}: ${decision}${reason ? `, ${reason}` : ''}`,
    ),
  ];
  if (approval.expiresAt !== undefined)
    lines.push(`  until     ${new Date(approval.expiresAt).toISOString()}`);
  return lines.join('\n');
}
