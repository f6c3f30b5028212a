import { type AnyEvent, type Decision } from '@summit/events';
import { planStateEdit, planThread, type RunState, threadKey, type ThreadState } from '@summit/engine';
import { ConflictError, type Json } from '@summit/kernel';
import { type Asked, askerOf, causeOf } from './asked.ts';
import { type CommandBody } from './command.ts';
import { task, type Work } from './desk.ts';
import { threadNamed, threadNotFound } from './thread-answer.ts';

type CreateBody = Extract<CommandBody, { verb: 'thread.create' }>;
type PatchBody = Extract<CommandBody, { verb: 'state.patch' }>;

/** A thread ahead of its first run. */
export function threadWork(asked: Asked, { threadId, state }: CreateBody): Work {
  const { desk, command } = asked;
  const { ledger } = desk;
  const { tenant } = command;
  const thread = ledger.vault.surrogate(tenant, 'thread', threadId);
  const unknown = (): void => {
    if (ledger.state.threads.has(threadKey(tenant, thread))) throw threadExists(threadId);
  };
  return {
    entity: threadKey(tenant, thread),
    plan() {
      unknown();
      return task(planThread({ tenant, threadId }, state, askerOf(desk, command)), (draft) => {
        unknown(); // a run that was started in the same turn made it
        const key = ledger.vault.takeThreadKey(tenant);
        commitThread(asked, { thread, key, version: 0 }, draft, { threadId, stateVersion: 0 });
      });
    },
    refuse: () => undefined,
  };
}

/**
 * [C3.3] An edit of a thread's state: a commit of the run that has the thread, so that its coroutine receives the edit
 * at one place of its history; where none has it, a commit of the thread.
 */
export function stateWork(asked: Asked, { threadId, ...edit }: PatchBody): Work {
  const { desk, command, again } = asked;
  const found = (): ThreadState => {
    const thread = threadNamed(desk.ledger, command.tenant, threadId);
    if (thread) return thread;
    throw threadNotFound(threadId);
  };
  const before = threadNamed(desk.ledger, command.tenant, threadId);
  const runId = before?.active;
  return {
    entity: runId ?? threadKey(command.tenant, before?.thread ?? threadId),
    plan() {
      const thread = found();
      if (thread.active !== runId) {
        again();
        return undefined;
      }
      const run = runId === undefined ? undefined : desk.run(runId);
      return task(planStateEdit(thread, run, edit, askerOf(desk, command)), (draft) => {
        const value = { threadId, version: thread.stateVersion + 1 };
        if (run) recordEdit(asked, run, draft, value);
        else if (thread.active === undefined) commitThread(asked, thread, draft, value);
        else again(); // a run was started in the same turn
      });
    },
    refuse: () => undefined,
  };
}

interface Drafted {
  readonly decisions: Decision[];
  readonly events: readonly AnyEvent[];
}

function commitThread(
  asked: Asked,
  { thread, key, version }: Pick<ThreadState, 'thread' | 'key' | 'version'>,
  { decisions, events }: Drafted,
  value: Json,
): void {
  const { desk, command } = asked;
  desk.ledger.commit({
    tenant: command.tenant,
    entity: { kind: 'thread', id: thread },
    version: version + 1,
    key,
    correlationId: `thread:${thread}`,
    ...causeOf(desk, command),
    decisions,
    events,
    command: recordOf(asked, value),
  });
  answer(asked, value);
}

function recordEdit(
  asked: Asked,
  run: RunState,
  draft: Parameters<Asked['desk']['record']>[1],
  value: Json,
): void {
  const { desk, command } = asked;
  desk.record(run, draft, { ...causeOf(desk, command), command: recordOf(asked, value) });
  answer(asked, value);
}

const recordOf = ({ command, digest }: Asked, value: Json) =>
  ({ user: command.user, id: command.commandId, digest, answer: value }) as const;

function answer({ desk, reply }: Asked, value: Json): void {
  desk.ledger.after(() => {
    reply({ ok: true, value });
  });
}

const threadExists = (threadId: string): ConflictError =>
  new ConflictError(
    'THREAD_EXISTS',
    `there is a thread ${JSON.stringify(threadId.slice(0, 80))} already`,
    'Use it, or name another one.',
  );
