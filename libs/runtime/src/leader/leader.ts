/**
 * A partition's leader: the thin shell around the pure engine.
 *
 * Owns: its executors' leases, timers, who waits for an answer. Does not own: the journal's tail and the live state (the
 * ledger does), the order of work (its queue does), sockets, policy, keys, time.
 *
 * 1. An executor's lease is renewed only while the leader's own hold on the journal is fresh.
 * 2. Lost, it answers what was pending as unknown and says nothing more. // I2
 */
import { type ExecutorMessage, waitingFor } from '@summit/engine';
import { errorRecord, isObject, SlotMap, type Tracing } from '@summit/kernel';
import { type PolicyEngine } from '@summit/policy';
import { type ExecutorLink, type LeaderInbox } from '../link.ts';
import { type Log } from '../log.ts';
import { answerOf, backpressure, outcomeUnknown, runNotFound } from './answers.ts';
import { approvalsAnswer } from './approvals-answer.ts';
import { type Answer, type Command, type Query, type Reply, type RunQuery } from './command.ts';
import { Desk } from './desk.ts';
import { Executors } from './executors.ts';
import { traceCommand } from './leader-spans.ts';
import { type Ledger, type LedgerOptions } from './ledger.ts';
import { Mail } from './mail.ts';
import { openLedger } from './open-ledger.ts';
import { LEADER_LEASE_MS, Roster } from './roster.ts';
import { Schemas } from './schemas.ts';
import { threadAnswer } from './thread-answer.ts';
import { TimerQueue } from './timer-queue.ts';
import { WorkQueue } from './work-queue.ts';
import { commandWork } from './work.command.ts';
import { assignWork, frameWork, upkeepWork } from './work.run.ts';

/** How often leases, timers and the journal's head are looked at, milliseconds. */
const TICK_MS = 100;
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

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
  readonly #queue: WorkQueue;
  readonly #tracing: Tracing | undefined;
  readonly #maxBacklogBytes: number;
  readonly #refusals = new Map<string, number>();
  /** Who asked and was not answered yet, by the number of their question. */
  readonly #replies = new SlotMap<number, Reply>();
  #asked = 0;
  readonly #tick: NodeJS.Timeout;
  #confirming = false;
  #stopped = false;

  private constructor(ledger: Ledger, options: LeaderOptions) {
    const { policy, link, log, tracing, maxBacklogBytes = MAX_BACKLOG_BYTES } = options;
    this.#policy = policy;
    this.#log = log;
    this.#tracing = tracing;
    this.#maxBacklogBytes = maxBacklogBytes;
    this.#queue = new WorkQueue({ policy, log, lost: () => ledger.lost });
    this.#desk = new Desk({
      ledger,
      executors: new Executors(),
      schemas: new Schemas(),
      timers: new TimerQueue(),
      mail: new Mail(link, () => ({ partition: ledger.partition, leaderEpoch: ledger.epoch })),
      log,
      enqueue: (work) => {
        this.#queue.add(work);
      },
      assign: (runId) => {
        this.#queue.add(assignWork(this.#desk, runId));
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
    const ledger = await openLedger({
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
    const answered = this.#owed(reply);
    try {
      this.#desk.ledger.activate(command.tenant, this.#policy.active(command.tenant));
      this.#queue.add(commandWork(this.#desk, command, answered));
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

  /** A reply that is given once: by whoever answers, or, when the leader stops before, as unknown. */
  #owed(reply: Reply): Reply {
    const number = ++this.#asked;
    this.#replies.set(number, reply);
    return (answer) => {
      if (this.#replies.delete(number)) reply(answer);
    };
  }

  /** Answers with the run as it is, or as it is when it ends or waits. */
  query(query: Query, asker: Reply): void {
    const reply = this.#owed(asker);
    if (this.#stopped) {
      reply(answerOf(outcomeUnknown('it was stopped')));
      return;
    }
    if ('runId' in query && this.#isWaitedFor(query)) {
      const { tenant, runId, waitMs = 0 } = query;
      this.#desk.wait(tenant, runId, waitMs, reply);
      return;
    }
    const answer = this.#look(query);
    this.#desk.ledger.after(() => {
      reply(answer);
    });
  }

  #look(query: Query): Answer {
    const { ledger } = this.#desk;
    if ('threadId' in query) return threadAnswer(ledger, query);
    if (!('runId' in query)) return approvalsAnswer(ledger, query);
    const { tenant, runId } = query;
    return this.#desk.view(tenant, runId) ?? answerOf(runNotFound(runId));
  }

  /** A run of the tenant that has not ended and waits for nothing. // I8 */
  #isWaitedFor({ tenant, runId, waitMs = 0 }: RunQuery): boolean {
    const run = waitMs > 0 ? this.#desk.run(runId) : undefined;
    return run?.tenant === tenant && waitingFor(run) === undefined;
  }

  receive(message: ExecutorMessage): void {
    if (this.#stopped) return;
    this.#roster.heard(message);
    for (const frame of message.frames) {
      this.#queue.add(frameWork(this.#desk, frame, this.#refusals));
    }
  }

  /** Stops leading; what was pending is unknown. */
  stop(reason: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#tick);
    this.#queue.stop();
    const answer = answerOf(outcomeUnknown(reason));
    this.#desk.abandon(answer);
    for (const reply of this.#replies.values()) reply(answer);
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
      this.#queue.add(upkeepWork(this.#desk, runId));
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
}
