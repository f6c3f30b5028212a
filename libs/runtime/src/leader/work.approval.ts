import {
  type ApprovalState,
  type ApprovalStatus,
  type Draft,
  planDecide,
  type RunState,
} from '@summit/engine';
import { ConflictError } from '@summit/kernel';
import { approvalNotFound } from './answers.ts';
import { type Asked, askerOf, causeOf } from './asked.ts';
import { type CommandBody } from './command.ts';
import { task, type Work } from './desk.ts';
import { assignWork, upkeepWork } from './work.run.ts';

type DecideBody = Extract<CommandBody, { verb: 'approval.decide' }>;

/** [C3.2] A person's answer to a question: a commit of the run that waits for it. */
export function approvalWork({ desk, command, digest, reply }: Asked, body: DecideBody): Work {
  const { tenant, user, commandId } = command;
  const { approvalId, decision, actionHash, action, reason } = body;
  const { ledger } = desk;
  const named = (): ApprovalState => {
    const approval = ledger.state.approvals.get(approvalId);
    if (approval?.tenant !== tenant) throw approvalNotFound(approvalId); // I8
    return approval;
  };
  const runOf = ({ runId, status }: ApprovalState): RunState => {
    const run = desk.run(runId);
    if (run) return run;
    throw new ConflictError(
      'APPROVAL_CLOSED',
      `${approvalId} is ${status}`,
      'Its run has ended; look at that.',
    );
  };
  return {
    entity: ledger.state.approvals.get(approvalId)?.runId ?? approvalId,
    plan() {
      const approval = named();
      const run = runOf(approval);
      const scope = { ...desk.scopeOf(run), reachable: desk.executors.reaches(run.executor) };
      const answer = { decision, actionHash, action, reason };
      return task(planDecide(run, approval, answer, askerOf(desk, command), scope), (draft) => {
        const value = {
          approvalId,
          runId: run.runId,
          decision,
          status: statusOf(draft),
          version: run.version + 1,
        };
        const record = { user, id: commandId, digest, answer: value };
        desk.record(run, draft, { ...causeOf(desk, command), command: record });
        ledger.after(() => {
          reply({ ok: true, value });
        });
        if (approval.about === 'start') desk.enqueue(assignWork(desk, run.runId));
        else if (desk.wantsPermit(run)) desk.enqueue(upkeepWork(desk, run.runId));
      });
    },
    refuse: () => undefined,
  };
}

/** What the question is after the answer. */
function statusOf({ events }: Draft): ApprovalStatus {
  const decided = events.find((event) => event.type === 'ApprovalDecided');
  return decided?.outcome ?? 'open';
}
