import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient, withApi } from '../api-client.ts';
import { approvalSaid } from '../approval.ts';
import { runs, table } from '../verb.ts';

export function addApprovals(program: Command): void {
  const command = program
    .command('approvals')
    .description('what people are asked: open questions, and those that were closed lately')
    .option('--status <status>', 'open, approved, rejected, denied, expired or withdrawn (default: all)');
  runs(withApi(command), async (given) => {
    const status = given.text('status');
    const query = status === undefined ? '' : `?status=${encodeURIComponent(status)}`;
    const said = await (await ApiClient.of(given)).getFor(`/v1/approvals${query}`);
    const { approvals } = z.looseObject({ approvals: z.array(approvalSaid) }).parse(said);
    const rows = approvals.map(({ approvalId, status: now, name, runId, roles, shown }) => [
      approvalId,
      now,
      name,
      runId,
      roles.join(','),
      JSON.stringify(shown?.arguments ?? null).slice(0, 60),
    ]);
    const text = rows.length === 0 ? 'nobody is asked anything' : table([HEAD, ...rows]);
    return { document: { ok: true, approvals }, text };
  });
}

const HEAD = ['APPROVAL', 'STATUS', 'NAME', 'RUN', 'ROLES', 'SHOWN'];
