import type { Command } from 'commander';
import { ApiClient, jsonOf, REVIEWER, withApi } from '../api-client.ts';
import { type ApprovalSaid, decide, merged, readApproval } from '../approval.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

export function addApprove(program: Command): void {
  const command = program
    .command('approve <id>')
    .description('agree to what is asked, as it is or as you put it')
    .option('--modify <json>', 'members to change of what is shown (RFC 7396); of an effect, what it brought')
    .option('--hash <hash>', 'of what you were shown (default: what is open now)')
    .option('--reason <text>', 'why, for the record');
  runs(withApi(command, REVIEWER.user), approve);
}

async function approve(given: Given): Promise<Outcome> {
  const [id = ''] = given.args;
  const modify = given.text('modify');
  const reason = given.text('reason');
  const edit = modify === undefined ? undefined : jsonOf(modify, '--modify');
  const api = await ApiClient.of(given, REVIEWER.user);
  const approval = await readApproval(api, id);
  const done = await decide(api, id, {
    decision: modify === undefined ? 'approve' : 'modify',
    actionHash: given.text('hash') ?? approval.actionHash,
    ...(modify !== undefined && { action: actionOf(approval, edit) }),
    ...(reason !== undefined && { reason }),
  });
  const waits = done.status === 'open' ? '; more people have to agree' : '';
  return { document: { ok: true, ...done }, text: `${approval.name}: ${done.status}${waits}` };
}

/** The whole action as it is to be done. Of a question what it shows is its data; an effect's result stands alone. */
function actionOf({ about, shown }: ApprovalSaid, edit: unknown): unknown {
  if (about === 'effect') return edit;
  if (about !== 'question') return merged(shown?.arguments, edit);
  const { data } = (shown?.arguments ?? {}) as { readonly data?: unknown };
  return merged(data, edit);
}
