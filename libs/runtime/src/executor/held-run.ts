/**
 * A run that this executor keeps a coroutine of.
 *
 * Owns: the coroutine, its attempts, the frames that the leader has not confirmed.
 *
 * 1. Items leave in the order in which they happened, in numbered frames; a frame is kept until it is confirmed.
 * 2. A permit is spent once: an attempt that was started is never started again by this executor. It is under way, or
 *    its step is answered, or it is known to have ended without an outcome. // I4
 * 3. While the history is replayed nothing starts; a permit waits for its proposal, and for a lease.
 * 4. A run says how it ended only when none of its attempts is under way, and starts none afterwards.
 * 5. Dropped, it still tells what became of attempts that are under way: what happened is not lost. // C1.3
 */
import {
  type Doubt,
  type Frame,
  type FrameItem,
  type Permit,
  type RunEpoch,
  type RunUpdate,
} from '@summit/engine';
import { FewMap, type Json, type Tracing } from '@summit/kernel';
import { type Action, Coroutine, type CoroutineEnd, failureOf, type Live, type Workflow } from '@summit/sdk';
import { type Generating } from '../tokens/token-writer.ts';
import { type TokenAddress } from '../tokens/tokens.ts';
import { Attempt, type AttemptEnd } from './attempt.ts';
import { traceAttempt } from './attempt-span.ts';
import { FrameQueue } from './frame-queue.ts';
import { lastItem } from './last-item.ts';
import { reconcile } from './reconcile.ts';

/** What a held run needs of its executor. */
export interface RunHost {
  readonly executor: string;
  now(): number;
  /** Whether an effect of the partition may start now. */
  mayStart(partition: number): boolean;
  /** The run has something to send; said once until its frame is taken. */
  changed(run: HeldRun): void;
  /** Something that a dropped run still has to say. */
  late(partition: number, frame: Frame): void;
  toolAction(digest: string): Action | undefined;
  /** What an attempt that generates is lent. */
  live(address: TokenAddress, generating: Generating): Live;
  readonly tracing: Tracing | undefined;
  log(runId: string, message: string, fields: object): void;
}

type Given = RunUpdate & { readonly dispatch: NonNullable<RunUpdate['dispatch']> };

const NONE: readonly never[] = [];

export class HeldRun {
  readonly tenant: string;
  readonly runId: string;
  readonly partition: number;
  epoch: RunEpoch;
  readonly #host: RunHost;
  readonly #trace: string;
  readonly #coroutine: Coroutine;
  readonly #frames: FrameQueue;
  /** Under way, by step. */
  readonly #attempts = new FewMap<Attempt>();
  /** Attempts that ended without an outcome: the last of each step; made for the first. */
  #spent: Map<string, number> | undefined;
  /** Permits that wait for their proposal or for a lease. */
  #waiting: Permit[] = [];
  #end: CoroutineEnd | undefined;
  #over = false;
  /** The executor knows that there is something to send. */
  #changed = false;
  /** The last word was said. */
  #told = false;

  constructor(
    host: RunHost,
    workflow: Workflow,
    { tenant, runId, epoch, dispatch }: Given,
    partition: number,
  ) {
    this.#host = host;
    this.tenant = tenant;
    this.runId = runId;
    this.epoch = epoch;
    this.partition = partition;
    this.#trace = dispatch.trace;
    this.#frames = new FrameQueue({ tenant, runId, executor: host.executor });
    this.#coroutine = new Coroutine(workflow, tenant, dispatch, {
      now: () => host.now(),
      emit: (item) => {
        this.#say(item);
      },
      live: () => {
        this.#startWaiting();
      },
      ended: (end) => {
        this.#ended(end);
      },
      log: (message, fields) => {
        host.log(runId, message, fields);
      },
    });
  }

  start(): void {
    this.#coroutine.start();
  }

  /** What the leader has to say about this run. */
  receive(update: RunUpdate): void {
    if (update.frame !== undefined) this.#frames.confirm(update.frame);
    if (update.epoch.leader !== this.epoch.leader || update.epoch.assignment !== this.epoch.assignment) {
      this.epoch = update.epoch;
      if (this.#frames.renew(update.epoch)) this.#change();
    }
    if (update.cancel) this.#cancel();
    if (update.permits) this.#permitted(update.permits);
    const { settlements, edits } = update;
    if (settlements || edits) this.#coroutine.tell(settlements ?? NONE, edits ?? NONE);
    if (update.doubts) for (const doubt of update.doubts) this.#reconcile(doubt);
  }

  /** Forgets the run: its attempts are asked to stop (a `once` one goes on, to say how it ended). // C1.3 */
  drop(reason: string, confirmed?: number): void {
    if (this.#over) return;
    if (confirmed !== undefined) this.#frames.confirm(confirmed);
    this.#over = true;
    this.#coroutine.drop();
    this.#waiting = [];
    for (const item of this.#frames.drain()) this.#tellLate(item);
    this.#abort(reason);
  }

  /** The next frame, where there is something to say. */
  takeFrame(now: number): Frame | undefined {
    this.#changed = false;
    return this.#over ? undefined : this.#frames.take(this.epoch, now);
  }

  /** Frames that were sent before an instant and are still not confirmed: to be sent again, now. */
  takeOverdue(before: number, now: number): readonly Frame[] {
    return this.#frames.takeOverdue(before, now);
  }

  /** The partition lent time again: start what waited for it. */
  leased(): void {
    this.#startWaiting();
  }

  #say(item: FrameItem): void {
    if (this.#over) {
      this.#tellLate(item);
      return;
    }
    this.#frames.push(item);
    this.#change();
  }

  #change(): void {
    if (this.#changed) return;
    this.#changed = true;
    this.#host.changed(this);
  }

  /** Of a run that is another's now, only what attempts brought counts. */
  #tellLate(item: FrameItem): void {
    if (item.kind !== 'outcome' && item.kind !== 'failure' && item.kind !== 'reconciled') return;
    const { tenant, runId, epoch, partition } = this;
    const { executor } = this.#host;
    this.#host.late(partition, { tenant, runId, executor, epoch, number: 0, items: [item] });
  }

  #permitted(permits: readonly Permit[]): void {
    if (this.#end || this.#over) return;
    this.#startWaiting();
    this.#startOrWait(permits);
  }

  /** Those that came first go first. */
  #startWaiting(): void {
    if (this.#waiting.length === 0 || this.#coroutine.replaying) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#startOrWait(waiting);
  }

  /** Invariants 3 and 4. */
  #startOrWait(permits: readonly Permit[]): void {
    for (const permit of permits) {
      if (this.#end || this.#over) return;
      if (!this.#coroutine.replaying && this.#host.mayStart(this.partition)) this.#start(permit);
      else this.#waiting.push(permit);
    }
  }

  /** A leader that was not told yet what became of an attempt permits it again. // I4 */
  #start({ stepKey, attempt, args, version }: Permit): void {
    const asked = this.#coroutine.action(stepKey);
    if (!asked || this.#attempts.has(stepKey) || attempt <= (this.#spent?.get(stepKey) ?? 0)) return;
    const { tenant, runId } = this;
    const executed = args === undefined ? asked.args : args; // null may stand in the place of what was proposed
    const given = { action: asked.action, args: executed, tenant, runId, stepKey, attempt };
    const { tracing } = this.#host;
    const traced = tracing && traceAttempt(tracing, this.#trace, given);
    const base = traced ? { ...given, action: traced.action } : given;
    const running = new Attempt(base.action.generates ? { ...base, live: this.#live(base, version) } : base);
    this.#attempts.set(stepKey, running);
    running.run((end) => {
      traced?.end(end);
      this.#attemptEnded(running, end, args);
    });
  }

  #live({ stepKey, attempt }: Pick<Permit, 'stepKey' | 'attempt'>, version = 0): Live {
    return this.#host.live(this.#tokenAddress(), { step: stepKey, attempt, permitVersion: version });
  }

  #tokenAddress(): TokenAddress {
    const { tenant, runId } = this;
    return { tenant, runId, threadId: this.#coroutine.dispatch.threadId };
  }

  /** `executed`: its permit's arguments, where it carries them. */
  #attemptEnded(attempt: Attempt, end: AttemptEnd, executed: Json | undefined): void {
    const { stepKey, attempt: number, action } = attempt.options;
    if (end.ok) {
      this.#attempts.delete(stepKey);
      this.#tellOutcome(stepKey, number, end.output, executed);
      return;
    }
    const { error, unknown } = failureOf(action, end.error);
    if (unknown && action.reconcile) {
      void this.#ask(attempt);
      return;
    }
    this.#spend(stepKey, number);
    this.#say({ kind: 'failure', stepKey, attempt: number, error, unknown });
    this.#finish();
  }

  #spend(stepKey: string, attempt: number): void {
    this.#attempts.delete(stepKey);
    (this.#spent ??= new Map<string, number>()).set(stepKey, attempt);
  }

  #tellOutcome(stepKey: string, attempt: number, output: Json, executed: Json | undefined): void {
    if (this.#end || this.#over)
      this.#say({ kind: 'outcome', stepKey, attempt, output, at: this.#host.now() });
    else this.#coroutine.outcome(stepKey, attempt, output, executed);
    this.#finish();
  }

  /** An attempt in doubt, of an executor that is gone. */
  #reconcile({ stepKey, attempt, args, tool }: Doubt): void {
    if (this.#attempts.has(stepKey) || this.#end || this.#over) return;
    const action = this.#host.toolAction(tool);
    if (!action) {
      const reason = 'this executor does not serve the tool in that form';
      this.#say({ kind: 'reconciled', stepKey, attempt, verdict: 'unknown', reason });
      return;
    }
    const { tenant, runId } = this;
    const asking = new Attempt({ action, args, tenant, runId, stepKey, attempt });
    this.#attempts.set(stepKey, asking);
    void this.#ask(asking);
  }

  async #ask(asking: Attempt): Promise<void> {
    const { stepKey, attempt } = asking.options;
    const verdict = await reconcile(asking);
    this.#spend(stepKey, attempt);
    this.#say({ kind: 'reconciled', stepKey, attempt, ...verdict });
    this.#finish();
  }

  #cancel(): void {
    if (this.#coroutine.cancelled) return;
    this.#coroutine.cancel();
    this.#waiting = [];
    for (const attempt of this.#attempts.values()) attempt.abort('the run was cancelled');
  }

  #abort(reason: string): void {
    for (const attempt of this.#attempts.values()) {
      if (attempt.options.action.effect !== 'once') attempt.abort(reason);
    }
  }

  #ended(end: CoroutineEnd): void {
    this.#end = end;
    this.#waiting = [];
    this.#abort('the workflow has ended');
    this.#finish();
  }

  /** Invariant 4. */
  #finish(): void {
    const end = this.#end;
    if (!end || this.#over || this.#told || this.#attempts.size > 0) return;
    this.#told = true;
    this.#say(lastItem(end, this.#coroutine.cancelled));
  }
}
