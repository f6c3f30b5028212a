import { type RunEvent } from '@summit/events';
import {
  commandKey,
  CommandRefused,
  type Conversation,
  type Plan,
  planCommand,
  planStart,
  type RunCommand,
  type RunState,
  tenantOf,
  threadKey,
} from '@summit/engine';
import { canonicalJson, ConflictError, errorRecord, InvalidInputError, makeId, sha256 } from '@summit/kernel';
import { answerOf, runNotFound } from './answers.ts';
import { type Asked, askerOf, causeOf } from './asked.ts';
import { type Command, type CommandBody, type Reply } from './command.ts';
import { type Desk, task, type Work } from './desk.ts';
import { Turn } from './turn.ts';
import { approvalWork } from './work.approval.ts';
import { stateWork, threadWork } from './work.thread.ts';
import { assigned, endWork, upkeepWork } from './work.run.ts';

type StartBody = Extract<CommandBody, { verb: 'run.start' }>;

/** Any command: answered from memory where it was answered before, else planned by its verb. */
export function commandWork(desk: Desk, command: Command, reply: Reply): Work {
  const digest = sha256(canonicalJson(command.body));
  const work = workOf(desk, command, digest, reply);
  const send: Reply = (answer) => {
    desk.ledger.after(() => {
      reply(answer);
    });
  };
  const key = commandKey(command.tenant, command.user, command.commandId);
  const answeredBefore = (): boolean => {
    const before = desk.ledger.state.answered.get(key);
    if (!before) return false;
    if (before.digest !== digest) throw reused(command.commandId);
    send({ ok: true, value: before.answer, repeated: true });
    return true;
  };
  return {
    entity: work.entity,
    plan() {
      if (answeredBefore()) return undefined;
      const planned = work.plan();
      return (
        planned && {
          requests: planned.requests,
          // Commands of one id on two entities may be planned side by side.
          conclude(answers) {
            if (!answeredBefore()) planned.conclude(answers);
          },
        }
      );
    },
    refuse(error) {
      try {
        if (error instanceof CommandRefused) recordDenial(desk, command, error);
      } finally {
        send(answerOf(error));
      }
    },
  };
}

function workOf(desk: Desk, command: Command, digest: string, reply: Reply): Work {
  const { body } = command;
  /** The thread is not what it was when the work was made. */
  const again = (): void => {
    desk.enqueue(commandWork(desk, command, reply));
  };
  switch (body.verb) {
    case 'run.start':
      return startWork({ desk, command, digest, reply, again }, body);
    case 'thread.create':
      return threadWork({ desk, command, digest, reply, again }, body);
    case 'state.patch':
      return stateWork({ desk, command, digest, reply, again }, body);
    case 'approval.decide':
      return approvalWork({ desk, command, digest, reply, again }, body);
    default:
      return onRunWork(desk, command, digest, reply);
  }
}

const reused = (commandId: string): InvalidInputError =>
  new InvalidInputError(
    'IDEMPOTENCY_KEY_REUSED',
    `the id ${JSON.stringify(commandId.slice(0, 80))} was used for another command`,
    'Use a new id for a new command; repeat an old one unchanged.',
  );

function startWork({ desk, command, digest, reply, again }: Asked, body: StartBody): Work {
  const { ledger } = desk;
  const { tenant, user, commandId } = command;
  const runId = makeId('run', ledger.partition, ledger.now(), ledger.random(8));
  const thread = ledger.vault.surrogate(tenant, 'thread', body.threadId);
  /** One key, however often it is planned: payloads stored for it are found again. */
  let fresh: string | undefined;
  const turn = new Turn(desk, { tenant, thread, ifBusy: body.ifBusy, again });
  const planned = (): Plan => {
    const { threadId, workflow, version, input, message: content } = body;
    const conversation = (): Conversation | undefined =>
      ledger.state.threads.get(threadKey(tenant, thread))?.conversation;
    const message = content !== undefined && { message: { content, index: () => conversation()?.next ?? 0 } };
    const names = { tenant, runId, threadId, thread, workflow, version, ...turn.interrupts };
    const start = { ...names, input, ...message, seed: ledger.random(16) };
    return planStart(
      tenantOf(ledger.state, tenant),
      start,
      askerOf(desk, command),
      desk.schemas.workflowInput,
    );
  };
  return {
    entity: turn.interrupted?.runId ?? commandKey(tenant, user, commandId),
    plan: () =>
      turn.task(command, planned, (draft, interrupt) => {
        const known = ledger.state.threads.get(threadKey(tenant, thread));
        const events = [
          ...draft.events,
          ...firstAssignment(desk, draft.events, tenant, known?.active === undefined),
        ];
        const value = {
          runId,
          threadId: body.threadId,
          status: statusOf(events),
          version: 1,
        };
        ledger.commit({
          tenant,
          entity: { kind: 'run', id: runId },
          version: 1,
          key: known?.key ?? (fresh ??= ledger.vault.takeThreadKey(tenant)),
          correlationId: runId,
          ...causeOf(desk, command),
          decisions: draft.decisions,
          events,
          command: { user, id: commandId, digest, answer: value },
        });
        const run = desk.run(runId);
        if (run) begin(desk, run, events);
        interrupt();
        ledger.after(() => {
          reply({ ok: true, value });
        });
      }),
    refuse: () => undefined,
  };
}

/** People are asked whether it may begin. */
const isQuestion = ({ type }: RunEvent): boolean => type === 'ApprovalRequested';

function statusOf(events: readonly RunEvent[]): 'running' | 'waiting' | 'pending' {
  if (events.some(isQuestion)) return 'waiting';
  return events.some(({ type }) => type === 'RunAssigned') ? 'running' : 'pending';
}

/** A run whose thread is free and whom an executor can take is given away in its first commit. */
function firstAssignment(desk: Desk, events: readonly RunEvent[], tenant: string, free: boolean): RunEvent[] {
  const [created] = events;
  if (!free || events.some(isQuestion) || created?.type !== 'RunCreated' || !created.data) return [];
  const { workflow, version: workflowVersion } = created.data;
  const chosen = desk.executors.choose({ tenant, workflow, workflowVersion });
  return chosen ? [assigned(desk, undefined, chosen.id, false)] : [];
}

function begin(desk: Desk, run: RunState, events: readonly RunEvent[]): void {
  desk.announce(run, events);
  if (run.executor !== undefined) desk.executors.hold(run.executor, run.runId);
}

function onRunWork(desk: Desk, command: Command, digest: string, reply: Reply): Work {
  const { tenant, user, commandId, body } = command;
  const runId = 'runId' in body ? body.runId : '';
  const found = (): RunState => {
    const run = desk.run(runId);
    if (run?.tenant === tenant) return run;
    const ended = desk.ledger.state.finished.get(runId);
    if (ended?.tenant !== tenant) throw runNotFound(runId);
    throw new ConflictError('RUN_FINISHED', `the run has ${ended.status}`, 'Start a new run.');
  };
  return {
    entity: runId,
    plan() {
      const run = found();
      return task(planCommand(run, runCommandOf(body), askerOf(desk, command)), (draft) => {
        const value = { runId, version: run.version + 1 };
        const record = { user, id: commandId, digest, answer: value };
        desk.record(run, draft, { ...causeOf(desk, command), command: record });
        desk.ledger.after(() => {
          reply({ ok: true, value });
        });
        if (body.verb === 'run.resume') desk.enqueue(upkeepWork(desk, runId));
        if (body.verb === 'run.cancel') desk.enqueue(endWork(desk, runId));
      });
    },
    refuse: () => undefined,
  };
}

function runCommandOf(body: CommandBody): RunCommand {
  switch (body.verb) {
    case 'run.signal':
      return { verb: 'signal', name: body.name, payload: body.payload };
    case 'run.cancel':
      return { verb: 'cancel', reason: body.reason };
    case 'run.pause':
      return { verb: 'pause' };
    case 'run.resume':
      return { verb: 'resume' };
    case 'run.start':
    case 'thread.create':
    case 'state.patch':
    case 'approval.decide':
      throw new InvalidInputError('COMMAND_UNKNOWN', `${body.verb} is no command on a run`, 'Name a run.');
  }
}

function targetOf(body: CommandBody): string {
  if (body.verb === 'run.start') return body.workflow;
  if (body.verb === 'approval.decide') return body.approvalId;
  return 'runId' in body ? body.runId : body.threadId;
}

/** A denied command is on the caller's record. */
function recordDenial(desk: Desk, command: Command, error: CommandRefused): void {
  const { ledger } = desk;
  const { tenant, body } = command;
  const target = targetOf(body);
  const data = { command: body.verb, target, error: errorRecord(error) };
  ledger.commit({
    tenant,
    entity: { kind: 'catalogue', id: tenant },
    version: tenantOf(ledger.state, tenant).catalogueVersion + 1,
    key: ledger.vault.tenantKey(tenant),
    correlationId: `tenant:${tenant}`,
    ...causeOf(desk, command),
    decisions: error.draft.decisions,
    events: [{ type: 'CommandDenied', v: 1, basis: error.draft.decisions.length > 0 ? 0 : 'denial', data }],
  });
}
