/**
 * A partition's leader: the thin shell around the pure engine.
 *
 * Owns: the queue of work, its executors' leases, timers. Does not own: the journal's tail and the live state (the
 * ledger does), sockets, policy, keys, time.
 *
 * 1. Work is taken a turn of the event loop at a time and decided in rounds; see {@link Rounds}.
 * 2. An executor's lease is renewed only while the leader's own hold on the journal is fresh.
 * 3. Lost, it answers what was pending as unknown and says nothing more. // I2
 */
import { type ExecutorMessage, type Introduction, type RunState } from '@summit/engine';
import { errorRecord, parseId } from '@summit/kernel';
import { type PolicyEngine } from '@summit/policy';
import { type ExecutorLink, type LeaderInbox } from '../link.ts';
import { type Log } from '../log.ts';
import { answerOf, outcomeUnknown, runNotFound } from './answers.ts';
import { type Command, type Reply, type RunQuery } from './command.ts';
import { Desk, type Work } from './desk.ts';
import { Executors } from './executors.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import { Mail } from './mail.ts';
import { Rounds } from './rounds.ts';
import { Schemas } from './schemas.ts';
import { TimerQueue } from './timer-queue.ts';
import { registerWork } from './work.catalogue.ts';
import { commandWork } from './work.command.ts';
import { assignWork, frameWork, keepWork, upkeepWork } from './work.run.ts';

/** How long an executor may start effects after it asked, milliseconds. */
export const EXECUTOR_LEASE_MS = 1500;
/** How long after its last sign of life an executor counts as gone; longer than its lease, so that both have passed. */
export const EXECUTOR_GONE_MS = EXECUTOR_LEASE_MS + 250;
/** How old the last proof may be that the journal is this leader's. */
export const LEADER_LEASE_MS = 4000;
/** How often leases, timers and the journal's head are looked at, milliseconds. */
const TICK_MS = 100;
/** Work taken in one turn at most. */
const TURN = 1024;

export interface LeaderOptions extends LedgerOptions {
  readonly policy: PolicyEngine;
  readonly link: ExecutorLink;
  readonly log: Log;
}

export class Leader implements LeaderInbox {
  readonly #desk: Desk;
  readonly #policy: PolicyEngine;
  readonly #link: ExecutorLink;
  readonly #log: Log;
  readonly #rounds: Rounds;
  readonly #refusals = new Map<string, number>();
  readonly #replies = new Set<Reply>();
  readonly #tick: NodeJS.Timeout;
  readonly #openFor: number;
  #queue: Work[] = [];
  #scheduled = false;
  #confirming = false;
  #stopped = false;

  private constructor(ledger: Ledger, { policy, link, log }: LeaderOptions) {
    this.#policy = policy;
    this.#link = link;
    this.#log = log;
    this.#rounds = new Rounds(policy, (work, error) => {
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
    this.#openFor = ledger.clock.monotonic() + EXECUTOR_GONE_MS;
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

  /** Answers once what it decided is durable. */
  submit(command: Command, reply: Reply): void {
    if (this.#stopped) {
      reply(answerOf(outcomeUnknown('it was stopped')));
      return;
    }
    this.#replies.add(reply);
    this.#desk.ledger.activate(command.tenant, this.#policy.active(command.tenant));
    const work = commandWork(this.#desk, command, (answer) => {
      this.#replies.delete(reply);
      reply(answer);
    });
    this.#enqueue(work);
  }

  /** Answers with the run as it is, or as it is when it ends or waits. */
  query({ tenant, runId, waitMs = 0 }: RunQuery, reply: Reply): void {
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

  #isUnderWay(runId: string): boolean {
    const answer = this.#desk.run(runId);
    return answer !== undefined && (answer.status === 'pending' || answer.status === 'running');
  }

  receive(message: ExecutorMessage): void {
    if (this.#stopped) return;
    const { executor, introduction } = message;
    const known = this.#desk.executors.get(executor);
    if (known) known.heard = this.#desk.ledger.clock.monotonic();
    if (message.leaving) this.#gone(executor);
    else if (introduction) this.#introduced(executor, introduction);
    else if (!known) this.#link.send(executor, { ...this.#head(), introduce: true, updates: [] });
    this.#lease(executor, message.asked);
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

  #head(): { partition: number; leaderEpoch: number } {
    return { partition: this.#desk.ledger.partition, leaderEpoch: this.epoch };
  }

  /** A new reign: timers of every live run, and the question who holds what. */
  #wake(): void {
    for (const run of this.#desk.ledger.state.runs.values()) this.#desk.announce(run, []);
    this.#link.broadcast({ ...this.#head(), introduce: true, updates: [] });
  }

  #lease(executor: string, asked: number): void {
    if (!this.#desk.executors.get(executor) || !this.#desk.ledger.holdsSince(LEADER_LEASE_MS)) return;
    this.#link.send(executor, { ...this.#head(), lease: { asked, ms: EXECUTOR_LEASE_MS }, updates: [] });
  }

  #introduced(executor: string, introduction: Introduction): void {
    const { executors, ledger } = this.#desk;
    executors.introduce(executor, introduction, ledger.clock.monotonic());
    for (const tenant of introduction.tenants) {
      ledger.activate(tenant, this.#policy.active(tenant));
      const next = (): void => {
        this.#adopt(executor, introduction);
      };
      this.#enqueue(registerWork(this.#desk, tenant, executor, introduction, next));
    }
  }

  /** What an executor holds it keeps, where it is still its own; what nobody holds it may be given. */
  #adopt(executor: string, { holds }: Introduction): void {
    for (const { tenant, runId, epoch } of holds) {
      const run = this.#desk.run(runId);
      if (run?.tenant === tenant && run.executor === executor) {
        this.#enqueue(keepWork(this.#desk, runId, executor));
      } else if (parseId(runId)?.partition === this.#desk.ledger.partition) {
        this.#desk.post(executor, { tenant, runId, epoch, drop: true });
      }
    }
    if (this.#desk.ledger.clock.monotonic() >= this.#openFor) this.#assignOrphans();
  }

  #gone(executor: string): void {
    for (const runId of this.#desk.executors.remove(executor)) {
      this.#enqueue(assignWork(this.#desk, runId));
    }
  }

  #assignOrphans(): void {
    const { executors, ledger } = this.#desk;
    const orphan = ({ executor }: RunState): boolean => executor === undefined || !executors.get(executor);
    for (const run of ledger.state.runs.values()) {
      if (orphan(run) && executors.choose(run)) this.#enqueue(assignWork(this.#desk, run.runId));
    }
  }

  #onTick(): void {
    const { ledger, timers, executors } = this.#desk;
    const now = ledger.clock.monotonic();
    for (const runId of timers.due(ledger.clock.now())) {
      this.#enqueue(upkeepWork(this.#desk, runId));
    }
    for (const { id } of executors.silent(now - EXECUTOR_GONE_MS)) {
      this.#log.warn(
        { executor: id, partition: ledger.partition },
        'executor is gone; its runs go to others',
      );
      this.#gone(id);
    }
    if (now >= this.#openFor && now < this.#openFor + TICK_MS * 2) this.#assignOrphans();
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
    this.#rounds.decide(this.#queue.splice(0, TURN));
    if (this.#queue.length > 0) this.#schedule();
  }

  #refuse(work: Work, error: unknown): void {
    if (this.#desk.ledger.lost) return;
    try {
      work.refuse(error);
    } catch (second) {
      this.#log.error({ err: second, entity: work.entity }, 'work could not be refused');
    }
  }
}
