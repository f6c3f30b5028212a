import { type RunEvent } from '@summit/events';
import {
  type Asker,
  commandKey,
  CommandRefused,
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
import { type Command, type CommandBody, type Reply } from './command.ts';
import { type Desk, type Task, task, type Work } from './desk.ts';
import { assigned, endWork, upkeepWork } from './work.run.ts';

type StartBody = Extract<CommandBody, { verb: 'run.start' }>;

/** Any command: answered from memory where it was answered before, else planned by its verb. */
export function commandWork(desk: Desk, command: Command, reply: Reply): Work {
  const { body } = command;
  const digest = sha256(canonicalJson(body));
  const work =
    body.verb === 'run.start'
      ? startWork(desk, command, body, digest, reply)
      : onRunWork(desk, command, digest, reply);
  const send: Reply = (answer) => {
    desk.ledger.after(() => {
      reply(answer);
    });
  };
  return {
    entity: work.entity,
    plan() {
      const before = desk.ledger.state.answered.get(
        commandKey(command.tenant, command.user, command.commandId),
      );
      if (!before) return unused(desk, command, work.plan());
      if (before.digest !== digest) throw reused(command.commandId);
      send({ ok: true, value: before.answer, repeated: true });
      return undefined;
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

/** Commands of one id on two entities may be planned side by side; the second to be concluded is refused. */
function unused(
  desk: Desk,
  { tenant, user, commandId }: Command,
  planned: Task | undefined,
): Task | undefined {
  return (
    planned && {
      requests: planned.requests,
      conclude(answers) {
        if (desk.ledger.state.answered.has(commandKey(tenant, user, commandId))) throw reused(commandId);
        planned.conclude(answers);
      },
    }
  );
}

const reused = (commandId: string): InvalidInputError =>
  new InvalidInputError(
    'IDEMPOTENCY_KEY_REUSED',
    `the id ${JSON.stringify(commandId.slice(0, 80))} was used for another command`,
    'Use a new id for a new command; repeat an old one unchanged.',
  );

function askerOf(desk: Desk, { tenant, user, roles }: Command): Asker {
  const id = desk.ledger.vault.surrogate(tenant, 'user', user);
  return { actor: { kind: 'user', id, name: user }, roles, now: desk.ledger.now() };
}

function causeOf(desk: Desk, command: Command) {
  const { actor } = askerOf(desk, command);
  return { actor, causationId: `command:${sha256(command.commandId).slice(0, 32)}`, trace: command.trace };
}

function startWork(desk: Desk, command: Command, body: StartBody, digest: string, reply: Reply): Work {
  const { ledger } = desk;
  const { tenant, user, commandId } = command;
  const runId = makeId('run', ledger.partition, ledger.now(), ledger.random(8));
  const thread = ledger.vault.surrogate(tenant, 'thread', body.threadId);
  /** One key, however often it is planned: payloads stored for it are found again. */
  let fresh: string | undefined;
  const planned = (): Plan => {
    const { threadId, workflow, version, input } = body;
    const start = { tenant, runId, threadId, thread, workflow, version, input, seed: ledger.random(16) };
    return planStart(
      tenantOf(ledger.state, tenant),
      start,
      askerOf(desk, command),
      desk.schemas.workflowInput,
    );
  };
  return {
    entity: commandKey(tenant, user, commandId),
    plan: () =>
      task(planned(), (draft) => {
        const known = ledger.state.threads.get(threadKey(tenant, thread));
        const events = [
          ...draft.events,
          ...firstAssignment(desk, draft.events, tenant, known?.active === undefined),
        ];
        const value = {
          runId,
          threadId: body.threadId,
          status: events.length > 1 ? 'running' : 'pending',
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
        ledger.after(() => {
          reply({ ok: true, value });
        });
      }),
    refuse: () => undefined,
  };
}

/** A run whose thread is free and whom an executor can take is given away in its first commit. */
function firstAssignment(desk: Desk, events: readonly RunEvent[], tenant: string, free: boolean): RunEvent[] {
  const [created] = events;
  if (!free || created?.type !== 'RunCreated' || !created.data) return [];
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
      throw new InvalidInputError('COMMAND_UNKNOWN', 'a start is no command on a run', 'Use run.start.');
  }
}

/** A denied command is on the caller's record. */
function recordDenial(desk: Desk, command: Command, error: CommandRefused): void {
  const { ledger } = desk;
  const { tenant, body } = command;
  const target = body.verb === 'run.start' ? body.workflow : body.runId;
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
