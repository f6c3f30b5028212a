import { type RunEvent } from '@summit/events';
import {
  type Asker,
  type Draft,
  isFinished,
  nextDue,
  type Plan,
  type RunScope,
  type RunState,
  type RunUpdate,
  tenantOf,
  threadOf,
  waitingFor,
  wantPermit,
} from '@summit/engine';
import { SlotMap } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type Log } from '../log.ts';
import { type Answer, type Reply } from './command.ts';
import { type Entry } from './entry.ts';
import { type Executors } from './executors.ts';
import { type Ledger } from './ledger.ts';
import { type Mail } from './mail.ts';
import { type Schemas } from './schemas.ts';
import { type TimerQueue } from './timer-queue.ts';
import { updateOf } from './updates.ts';
import { viewOfRun, viewOfTombstone } from './views.ts';

/** What was planned: the questions to policy, and what is to be done with the answers. */
export interface Task {
  readonly requests: readonly PolicyRequest[];
  /** What has to be asked further before it can be concluded, if anything. */
  more?(answers: readonly PolicyAnswer[]): Task | undefined;
  conclude(answers: readonly PolicyAnswer[]): void;
}

/** A piece of work: planned, decided, recorded, in one call. */
export interface Work {
  /** Of one entity one task is open at a time. */
  readonly entity: string;
  /** Undefined where there is nothing to decide. What it, or its task, throws goes to `refuse`. */
  plan(): Task | undefined;
  refuse(error: unknown): void;
}

/** A plan of the engine, with what records its draft. */
export function task<Event>(plan: Plan<Event>, record: (draft: Draft<Event>) => void): Task {
  return {
    requests: plan.requests,
    more: (answers) => {
      const further = plan.more?.(answers);
      return further && task(further, record);
    },
    conclude: (answers) => {
      record(plan.conclude(answers));
    },
  };
}

/** Who waits for a run to end or to wait, and the answer they get. */
interface Waiter {
  readonly reply: Reply;
  readonly timer: NodeJS.Timeout;
}

/**
 * What every kind of work of a leader shares: the ledger, the executors, and the one way in which a run's events are
 * recorded and told.
 */
export class Desk {
  readonly ledger: Ledger;
  readonly executors: Executors;
  readonly schemas: Schemas;
  readonly timers: TimerQueue;
  readonly mail: Mail;
  readonly log: Log;
  /** Puts more work into the queue. */
  readonly enqueue: (work: Work) => void;
  /** A run's thread is free for it: give it to an executor. */
  readonly assign: (runId: string) => void;
  readonly #waiters = new SlotMap<string, Set<Waiter>>();

  constructor(
    parts: Pick<Desk, 'ledger' | 'executors' | 'schemas' | 'timers' | 'mail' | 'log' | 'enqueue' | 'assign'>,
  ) {
    this.ledger = parts.ledger;
    this.executors = parts.executors;
    this.schemas = parts.schemas;
    this.timers = parts.timers;
    this.mail = parts.mail;
    this.log = parts.log;
    this.enqueue = parts.enqueue;
    this.assign = parts.assign;
  }

  run(runId: string): RunState | undefined {
    return this.ledger.state.runs.get(runId);
  }

  /** An executor, asking now, for itself or through the leader. */
  asker(executor: string): Asker {
    return { actor: { kind: 'executor', id: executor }, roles: [], now: this.ledger.now() };
  }

  scopeOf(run: RunState): RunScope {
    return {
      tools: this.schemas.toolsOf(tenantOf(this.ledger.state, run.tenant)),
      thread: threadOf(this.ledger.state, run),
      executor: run.executor ?? '',
      leaderEpoch: this.ledger.epoch,
      assignment: run.epoch?.assignment ?? 0,
    };
  }

  /** Records a run's events; tells its executor, whoever waits, the timers, and what comes next. */
  record(
    run: RunState,
    draft: { readonly decisions: Entry['decisions']; readonly events: readonly RunEvent[] },
    cause: Pick<Entry, 'actor' | 'causationId' | 'trace'> & Pick<Partial<Entry>, 'command'>,
    frame?: number,
  ): void {
    const { tenant, runId, key } = run;
    const { actor, causationId, trace, command } = cause;
    const { decisions, events } = draft;
    this.ledger.commit({
      tenant,
      entity: { kind: 'run', id: runId },
      version: run.version + 1,
      key,
      actor,
      causationId,
      correlationId: runId,
      trace,
      decisions,
      events,
      command,
    });
    this.announce(run, events, frame);
  }

  /** Tells of what was recorded. */
  announce(run: RunState, events: readonly RunEvent[], frame?: number): void {
    this.#tell(run, events, frame);
    this.#settled(run);
  }

  #tell(run: RunState, events: readonly RunEvent[], frame: number | undefined): void {
    const executor = run.executor;
    if (executor === undefined) return;
    const update = updateOf(run, events, frame);
    if (update) this.post(executor, update);
  }

  /** Sends an update once everything that was committed so far is durable. // I1 */
  post(executor: string, update: RunUpdate): void {
    this.ledger.after(() => {
      this.mail.post(executor, update);
    });
  }

  /** What a run's newest state asks for: timers, permits, answers to those who wait, the thread's next run. */
  #settled(run: RunState): void {
    if (isFinished(run)) {
      this.timers.set(run.runId, undefined);
      this.executors.release(run.executor, run.runId);
      this.#answerWaiters(run);
      const next = threadOf(this.ledger.state, run).active;
      if (next !== undefined) this.assign(next);
      return;
    }
    this.timers.set(run.runId, nextDue(run));
    if (waitingFor(run)) this.#answerWaiters(run);
  }

  /** Whether a step of the run wants a permit now. */
  wantsPermit(run: RunState): boolean {
    return wantPermit(run, this.ledger.now()).length > 0;
  }

  /** A run as people see it, or undefined where the tenant has none of that id. // I8 */
  view(tenant: string, runId: string): Answer | undefined {
    const run = this.run(runId);
    if (run?.tenant === tenant) return { ok: true, value: { ...viewOfRun(run) } };
    const ended = this.ledger.state.finished.get(runId);
    if (ended?.tenant === tenant) return { ok: true, value: { ...viewOfTombstone(ended) } };
    return undefined;
  }

  /** Answers when the run has ended or waits, or after `ms` with what it is then. */
  wait(tenant: string, runId: string, ms: number, reply: Reply): void {
    const waiter: Waiter = {
      reply,
      timer: setTimeout(() => {
        this.#waiters.get(runId)?.delete(waiter);
        this.#answer(tenant, runId, reply);
      }, ms),
    };
    const waiters = this.#waiters.get(runId) ?? new Set();
    waiters.add(waiter);
    this.#waiters.set(runId, waiters);
  }

  #answerWaiters(run: RunState): void {
    const waiters = this.#waiters.get(run.runId);
    if (!waiters) return;
    this.#waiters.delete(run.runId);
    for (const { reply, timer } of waiters) {
      clearTimeout(timer);
      this.#answer(run.tenant, run.runId, reply);
    }
  }

  #answer(tenant: string, runId: string, reply: Reply): void {
    const answer = this.view(tenant, runId);
    if (answer) {
      this.ledger.after(() => {
        reply(answer);
      });
    }
  }

  /** Everybody who waits is told that nobody knows. */
  abandon(answer: Answer): void {
    for (const waiters of this.#waiters.values()) {
      for (const { reply, timer } of waiters) {
        clearTimeout(timer);
        reply(answer);
      }
    }
    this.#waiters.clear();
  }
}
