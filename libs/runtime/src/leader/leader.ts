/**
 * A partition's leader: the thin shell around the pure engine.
 *
 * Owns: the queue of work, its executors' leases, timers. Does not own: the journal's tail and the live state (the
 * ledger does), sockets, policy, keys, time.
 *
 * 1. Work is taken a turn of the event loop at a time and decided piece by piece; see {@link Decider}.
 * 2. An executor's lease is renewed only while the leader's own hold on the journal is fresh.
 * 3. Lost, it answers what was pending as unknown and says nothing more. // I2
 */
import { type ExecutorMessage, waitingFor } from '@summit/engine';
import { errorRecord, isObject, type Tracing } from '@summit/kernel';
import { PayloadsToStore } from '@summit/objects';
import { type PolicyEngine } from '@summit/policy';
import { type ExecutorLink, type LeaderInbox } from '../link.ts';
import { type Log } from '../log.ts';
import { answerOf, backpressure, outcomeUnknown, runNotFound } from './answers.ts';
import { approvalsAnswer } from './approvals-answer.ts';
import { type Command, type Query, type Reply, type RunQuery } from './command.ts';
import { Decider } from './decider.ts';
import { Desk, type Work } from './desk.ts';
import { Executors } from './executors.ts';
import { traceCommand } from './leader-spans.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import { Mail } from './mail.ts';
import { LEADER_LEASE_MS, Roster } from './roster.ts';
import { Schemas } from './schemas.ts';
import { threadAnswer } from './thread-answer.ts';
import { TimerQueue } from './timer-queue.ts';
import { commandWork } from './work.command.ts';
import { assignWork, frameWork, upkeepWork } from './work.run.ts';

/** How often leases, timers and the journal's head are looked at, milliseconds. */
const TICK_MS = 100;
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;
/** Between tries to store payloads, milliseconds. */
const STORE_AGAIN_MS = 500;
/**
 * Work taken in one turn at most: what it commits is sent at the turn's end, so that the journal stores it while the
 * next turn decides.
 */
const TURN = 24;

export interface LeaderOptions extends LedgerOptions {
  readonly policy: PolicyEngine;
  readonly link: ExecutorLink;
  /** Bytes of commits that may wait for the journal before commands are refused; facts and frames are always taken. */
  readonly maxBacklogBytes?: number;
}

export class Leader implements LeaderInbox {
  readonly #desk: Desk;
  readonly #policy: PolicyEngine;
  readonly #roster: Roster;
  readonly #log: Log;
  readonly #workDecider: Decider;
  readonly #tracing: Tracing | undefined;
  readonly #maxBacklogBytes: number;
  readonly #refusals = new Map<string, number>();
  readonly #replies = new Set<Reply>();
  readonly #tick: NodeJS.Timeout;
  #queue: Work[] = [];
  #scheduled = false;
  #confirming = false;
  #stopped = false;

  private constructor(ledger: Ledger, options: LeaderOptions) {
    const { policy, link, log, tracing, maxBacklogBytes = MAX_BACKLOG_BYTES } = options;
    this.#policy = policy;
    this.#log = log;
    this.#tracing = tracing;
    this.#maxBacklogBytes = maxBacklogBytes;
    this.#workDecider = new Decider(policy, (work, error) => {
      this.#refuse(work, error);
    });
    this.#desk = new Desk({
      ledger,
      executors: new Executors(),
      schemas: new Schemas(),
      timers: new TimerQueue(),
      mail: new Mail(link, () => ({ partition: ledger.partition, leaderEpoch: ledger.epoch })),
      log,
      enqueue: (work) => {
        this.#enqueue(work);
      },
      assign: (runId) => {
        this.#enqueue(assignWork(this.#desk, runId));
      },
    });
    this.#roster = new Roster({ desk: this.#desk, policy, log });
    this.#tick = setInterval(() => {
      this.#onTick();
    }, TICK_MS);
  }

  /** Recovers the partition from its journal, fences it, and asks executors what they hold. */
  static async open(options: LeaderOptions): Promise<Leader> {
    const holder: { leader?: Leader } = {};
    const ledger = await Ledger.open({
      ...options,
      onLost: (reason) => {
        holder.leader?.stop(reason);
        options.onLost(reason);
      },
    });
    const leader = new Leader(ledger, options);
    holder.leader = leader;
    leader.#wake();
    return leader;
  }

  get epoch(): number {
    return this.#desk.ledger.epoch;
  }

  /** Figures for health and metrics. */
  get figures(): {
    readonly runs: number;
    readonly executors: number;
    readonly pending: number;
    readonly epoch: number;
  } {
    const { ledger, executors } = this.#desk;
    return {
      runs: ledger.state.runs.size,
      executors: executors.all.length,
      pending: ledger.pending,
      epoch: ledger.epoch,
    };
  }

  /** Answers once what it decided is durable; with a wait, when the run that it started has ended or waits. */
  submit(asked: Command, asker: Reply): void {
    const { command, reply } = this.#traced(asked, this.#held(asked, asker));
    if (this.#stopped) {
      reply(answerOf(outcomeUnknown('it was stopped')));
      return;
    }
    const { pendingBytes } = this.#desk.ledger;
    if (pendingBytes > this.#maxBacklogBytes) {
      reply(answerOf(backpressure(pendingBytes)));
      return;
    }
    this.#replies.add(reply);
    const answered: Reply = (answer) => {
      this.#replies.delete(reply);
      reply(answer);
    };
    try {
      this.#desk.ledger.activate(command.tenant, this.#policy.active(command.tenant));
      this.#enqueue(commandWork(this.#desk, command, answered));
    } catch (error) {
      answered(answerOf(error));
    }
  }

  /** A start that is durable and waited for is a question about its run from then on. */
  #held({ tenant, body, waitMs = 0 }: Command, reply: Reply): Reply {
    if (waitMs <= 0 || body.verb !== 'run.start') return reply;
    return (answer) => {
      const runId = answer.ok && isObject(answer.value) ? answer.value['runId'] : undefined;
      if (typeof runId === 'string') this.query({ tenant, runId, waitMs }, reply);
      else reply(answer);
    };
  }

  #traced(command: Command, reply: Reply): { readonly command: Command; readonly reply: Reply } {
    if (!this.#tracing) return { command, reply };
    return traceCommand(this.#tracing, this.#desk.ledger.partition, command, reply);
  }

  /** Answers with the run as it is, or as it is when it ends or waits. */
  query(query: Query, reply: Reply): void {
    if (!('runId' in query)) {
      this.#look(query, reply);
      return;
    }
    const { tenant, runId, waitMs = 0 } = query;
    const answer = this.#stopped
      ? answerOf(outcomeUnknown('it was stopped'))
      : this.#desk.view(tenant, runId);
    if (!answer) reply(answerOf(runNotFound(runId)));
    else if (waitMs > 0 && this.#isUnderWay(runId)) this.#desk.wait(tenant, runId, waitMs, reply);
    else {
      this.#desk.ledger.after(() => {
        reply(answer);
      });
    }
  }

  #look(query: Exclude<Query, RunQuery>, reply: Reply): void {
    if (this.#stopped) reply(answerOf(outcomeUnknown('it was stopped')));
    else {
      const { ledger } = this.#desk;
      const answer = 'threadId' in query ? threadAnswer(ledger, query) : approvalsAnswer(ledger, query);
      this.#desk.ledger.after(() => {
        reply(answer);
      });
    }
  }

  #isUnderWay(runId: string): boolean {
    const run = this.#desk.run(runId);
    return run !== undefined && waitingFor(run) === undefined;
  }

  receive(message: ExecutorMessage): void {
    if (this.#stopped) return;
    this.#roster.heard(message);
    for (const frame of message.frames) {
      this.#enqueue(frameWork(this.#desk, frame, this.#refusals));
    }
  }

  /** Stops leading; what was pending is unknown. */
  stop(reason: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#tick);
    this.#queue = [];
    const answer = answerOf(outcomeUnknown(reason));
    this.#desk.abandon(answer);
    for (const reply of this.#replies) reply(answer);
    this.#replies.clear();
  }

  /** Takes nothing more, waits until all that was decided is durable, then stops. */
  async close(): Promise<void> {
    clearInterval(this.#tick);
    await this.#desk.ledger.close();
    this.stop('it was closed');
  }

  /** A new reign: timers of every live run, and the question who holds what. */
  #wake(): void {
    for (const run of this.#desk.ledger.state.runs.values()) this.#desk.announce(run, []);
    this.#roster.wake();
  }

  #onTick(): void {
    const { ledger, timers } = this.#desk;
    const now = ledger.clock.monotonic();
    for (const runId of timers.due(ledger.clock.now())) {
      this.#enqueue(upkeepWork(this.#desk, runId));
    }
    this.#roster.tick(now);
    if (!ledger.holdsSince(LEADER_LEASE_MS / 4)) void this.#confirm();
  }

  async #confirm(): Promise<void> {
    if (this.#confirming) return;
    this.#confirming = true;
    try {
      await this.#desk.ledger.confirm();
    } catch (error) {
      this.#log.debug({ err: errorRecord(error) }, 'the journal could not be read');
    }
    this.#confirming = false;
  }

  #enqueue(work: Work): void {
    if (this.#stopped) return;
    this.#queue.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    this.#workDecider.decide(this.#queue.splice(0, TURN));
    if (this.#queue.length > 0) this.#schedule();
  }

  #refuse(work: Work, error: unknown): void {
    if (this.#desk.ledger.lost) return;
    if (error instanceof PayloadsToStore) {
      void this.#storeFirst(work, error);
      return;
    }
    try {
      work.refuse(error);
    } catch (second) {
      this.#log.error({ err: second, entity: work.entity }, 'work could not be refused');
    }
  }

  /** Its payloads first; then the work is planned again, and with it what came for its entity meanwhile. */
  async #storeFirst(work: Work, payloads: PayloadsToStore): Promise<void> {
    this.#workDecider.putAside(work);
    while (!(await this.#stored(payloads))) {
      await new Promise((resolve) => setTimeout(resolve, STORE_AGAIN_MS));
      if (this.#stopped) return;
    }
    if (this.#stopped) return;
    this.#queue = [...this.#workDecider.takeBack(work.entity), ...this.#queue];
    this.#schedule();
  }

  async #stored(payloads: PayloadsToStore): Promise<boolean> {
    try {
      await payloads.store();
      return true;
    } catch (error) {
      this.#log.warn({ err: errorRecord(error) }, 'payloads could not be stored; tried again');
      return false;
    }
  }
}
