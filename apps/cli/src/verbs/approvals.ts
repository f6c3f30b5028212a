import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, withApi } from '../api-client.ts';
import { type ApprovalSaid, approvalSaid } from '../approval.ts';
import { listPath, pageText, timeText } from '../list.ts';
import { runs } from '../verb.ts';

const incompleteSaid = z.looseObject({ code: z.string(), detail: z.string(), next: z.string() });
const approvalsSaid = z.looseObject({
  approvals: z.array(approvalSaid),
  next: z.string().optional(),
  incomplete: incompleteSaid.optional(),
});

const HEAD = ['APPROVAL', 'STATUS', 'NAME', 'RUN', 'ROLES', 'ASKED', 'SHOWN'];

export function addApprovals(program: Command): void {
  const command = program
    .command('approvals')
    .description('what people are and were asked, newest first')
    .option('--status <status>', 'open, approved, rejected, denied, expired or withdrawn (default: all)')
    .option('--limit <n>', 'so many (default: 50)')
    .option('--after <cursor>', 'goes on where the page before ended');
  runs(withApi(command), async (given) => {
    const path = listPath('/v1/approvals', given, ['status', 'limit', 'after']);
    const said = await (await ApiClient.of(given)).getFor(path);
    const { approvals, next, incomplete } = approvalsSaid.parse(said);
    const shown = pageText(HEAD, approvals.map(rowOf), { none: 'nobody is asked anything', next });
    const more = { ...(next !== undefined && { next }), ...(incomplete && { incomplete }) };
    const text = incomplete === undefined ? shown : `${shown}\n${incompleteText(incomplete)}`;
    return { document: { ok: true, approvals, ...more }, text };
  });
}

const rowOf = ({ approvalId, status, name, runId, roles, requestedAt, shown }: ApprovalSaid): string[] => [
  ...[approvalId, status, name, runId, roles.join(','), timeText(requestedAt)],
  JSON.stringify(shown?.arguments ?? null).slice(0, 60),
];

const incompleteText = ({ code, detail, next }: z.infer<typeof incompleteSaid>): string =>
  `Only what the leaders still know: ${detail}\n  ${next}\n  ${code}`;
