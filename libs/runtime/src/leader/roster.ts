/**
 * Who runs what: takes executors in, lends them time, gives the runs of those that are gone to others.
 *
 * 1. An executor is lent time, and given runs, only after it was told which of its runs are another's now: what it
 *    was permitted before must not begin any more. // I4
 * 2. A lease is renewed only while the leader's own hold on the journal is fresh.
 * 3. For a while after the reign began, runs of executors that were not heard yet are left to them.
 * 4. Silence counts only while this process itself was awake to hear.
 */
import { type ExecutorMessage, type Introduction, type RunState } from '@summit/engine';
import { parseId } from '@summit/kernel';
import { type PolicyEngine } from '@summit/policy';
import { type Log } from '../log.ts';
import { type Desk } from './desk.ts';
import { registerWork } from './work.catalogue.ts';
import { assignWork, endWork, keepWork } from './work.run.ts';

/** How long an executor may start effects after it asked, milliseconds. */
export const EXECUTOR_LEASE_MS = 1500;
/** How long after its last sign of life an executor counts as gone; longer than its lease, so that both have passed. */
export const EXECUTOR_GONE_MS = EXECUTOR_LEASE_MS + 250;
/** How old the last proof may be that the journal is this leader's. */
export const LEADER_LEASE_MS = 4000;
/** A tick that comes this late says that the process was not awake, milliseconds. */
const LATE_TICK_MS = 400;
/** After that, silence counts again when executors had time to be heard: a heartbeat and more, milliseconds. */
const AWAKE_MS = 600;

export interface RosterParts {
  readonly desk: Desk;
  readonly policy: PolicyEngine;
  readonly log: Log;
}

export class Roster {
  readonly #desk: Desk;
  readonly #policy: PolicyEngine;
  readonly #log: Log;
  readonly #openFor: number;
  #lastTick: number;
  #awakeFrom = 0;

  constructor({ desk, policy, log }: RosterParts) {
    this.#desk = desk;
    this.#policy = policy;
    this.#log = log;
    this.#lastTick = desk.ledger.clock.monotonic();
    this.#openFor = this.#lastTick + EXECUTOR_GONE_MS;
  }

  /** Asks everybody what they serve and hold. */
  wake(): void {
    this.#desk.mail.broadcast({ introduce: true });
  }

  /** A sign of life, an introduction, a farewell; its frames are the leader's. */
  heard({ executor, introduction, leaving, asked }: ExecutorMessage): void {
    const known = this.#desk.executors.get(executor);
    if (known) known.heard = this.#desk.ledger.clock.monotonic();
    if (leaving) this.#gone(executor);
    else if (introduction) this.#introduced(executor, introduction, asked);
    else if (known) this.#lend(executor, asked);
    else this.#desk.mail.send(executor, { introduce: true });
  }

  tick(now: number): void {
    if (now - this.#lastTick > LATE_TICK_MS) this.#awakeFrom = now + AWAKE_MS;
    this.#lastTick = now;
    if (now < this.#awakeFrom) return;
    for (const { id } of this.#desk.executors.silent(now - EXECUTOR_GONE_MS)) {
      this.#log.warn(
        { executor: id, partition: this.#desk.ledger.partition },
        'executor is gone; its runs go to others',
      );
      this.#gone(id);
    }
    if (now < this.#openFor || this.#desk.executors.complete) return;
    this.#desk.executors.complete = true;
    this.#assignOrphans();
  }

  /** Invariants 1 and 2. */
  #lend(executor: string, asked: number): void {
    if (!this.#desk.executors.get(executor)?.ready || !this.#desk.ledger.holdsSince(LEADER_LEASE_MS)) return;
    this.#desk.mail.send(executor, { lease: { asked, ms: EXECUTOR_LEASE_MS } });
  }

  #introduced(executor: string, introduction: Introduction, asked: number): void {
    const { executors, ledger } = this.#desk;
    const known = executors.introduce(executor, introduction, ledger.clock.monotonic());
    known.ready = false;
    let left = introduction.tenants.length;
    const next = (): void => {
      left -= 1;
      if (left <= 0 && executors.get(executor) === known && known.introduction === introduction) {
        this.#adopt(executor, introduction, asked);
      }
    };
    for (const tenant of introduction.tenants) {
      ledger.activate(tenant, this.#policy.active(tenant));
      this.#desk.enqueue(registerWork(this.#desk, tenant, executor, introduction, next));
    }
  }

  /** What an executor holds it keeps, where it is still its own; the rest it is told to forget, before it may start. */
  #adopt(executor: string, { holds }: Introduction, asked: number): void {
    const desk = this.#desk;
    const confused: string[] = [];
    for (const { tenant, runId, epoch } of holds) {
      const run = desk.run(runId);
      const own = run?.tenant === tenant && run.executor === executor;
      if (own && epoch.assignment >= run.coroutine) {
        desk.enqueue(keepWork(desk, runId, executor));
      } else if (parseId(runId)?.partition === desk.ledger.partition) {
        desk.post(executor, { tenant, runId, epoch, drop: true });
        if (own) confused.push(runId);
      }
    }
    desk.ledger.after(() => {
      // after the mail that the same acknowledgement released
      queueMicrotask(() => {
        this.#ready(executor, asked, new Set(holds.map(({ runId }) => runId)), confused);
      });
    });
  }

  #ready(executor: string, asked: number, held: ReadonlySet<string>, confused: readonly string[]): void {
    const desk = this.#desk;
    const known = desk.executors.get(executor);
    if (!known) return;
    known.ready = true;
    this.#lend(executor, asked);
    for (const runId of confused) desk.enqueue(assignWork(desk, runId, 'anew'));
    for (const run of desk.ledger.state.runs.values()) {
      if (run.executor !== executor || held.has(run.runId)) continue;
      desk.executors.hold(executor, run.runId);
      desk.enqueue(assignWork(desk, run.runId, 'not begun'));
    }
    this.#assignOrphans();
  }

  #gone(executor: string): void {
    for (const runId of this.#desk.executors.remove(executor)) this.#orphaned(runId);
  }

  /** A run that nobody holds; one that was asked to stop ends here. */
  #orphaned(runId: string): void {
    const run = this.#desk.run(runId);
    if (run?.cancelRequested) this.#desk.enqueue(endWork(this.#desk, runId));
    else this.#desk.enqueue(assignWork(this.#desk, runId));
  }

  #assignOrphans(): void {
    const { executors, ledger } = this.#desk;
    const orphan = ({ executor }: RunState): boolean =>
      executor === undefined || (executors.complete && !executors.get(executor));
    for (const run of ledger.state.runs.values()) {
      if (orphan(run) && (run.cancelRequested || executors.choose(run))) this.#orphaned(run.runId);
    }
  }
}
