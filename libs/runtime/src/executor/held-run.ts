/**
 * A run that this executor keeps a coroutine of.
 *
 * Owns: the coroutine, its attempts, the frames that the leader has not confirmed.
 *
 * 1. Items leave in the order in which they happened, in numbered frames; a frame is kept until it is confirmed.
 * 2. A permit is spent once: an attempt that was started is never started again by this executor. // I4
 * 3. A run says how it ended only when none of its attempts is under way: what happened is not lost.
 */
import {
  type Doubt,
  type Frame,
  type FrameItem,
  type Permit,
  type RunEpoch,
  type RunUpdate,
} from '@summit/engine';
import { errorRecord, type Json } from '@summit/kernel';
import { type Action, Coroutine, type CoroutineEnd, failureOf, type Workflow } from '@summit/sdk';
import { Attempt, type AttemptEnd } from './attempt.ts';

/** What a held run needs of its executor. */
export interface RunHost {
  readonly executor: string;
  now(): number;
  /** Whether an effect of the partition may start now. */
  mayStart(partition: number): boolean;
  /** The run has something to send. */
  changed(run: HeldRun): void;
  toolAction(digest: string): Action | undefined;
  log(runId: string, message: string, fields: object): void;
}

interface Unconfirmed {
  readonly frame: Frame;
  sentAt: number;
}

export class HeldRun {
  readonly tenant: string;
  readonly runId: string;
  readonly partition: number;
  epoch: RunEpoch;
  readonly #host: RunHost;
  readonly #coroutine: Coroutine;
  readonly #attempts = new Map<string, Attempt>();
  readonly #spent = new Set<string>();
  #waiting: Permit[] = [];
  #items: FrameItem[] = [];
  #unconfirmed: Unconfirmed[] = [];
  #number = 0;
  #end: CoroutineEnd | undefined;
  #over = false;
  /** The last word was said. */
  #told = false;

  constructor(
    host: RunHost,
    workflow: Workflow,
    { tenant, runId, epoch, dispatch }: RunUpdate & { readonly dispatch: NonNullable<RunUpdate['dispatch']> },
    partition: number,
  ) {
    this.#host = host;
    this.tenant = tenant;
    this.runId = runId;
    this.epoch = epoch;
    this.partition = partition;
    this.#coroutine = new Coroutine(workflow, tenant, dispatch, {
      now: () => host.now(),
      emit: (item) => {
        this.#say(item);
      },
      ended: (end) => {
        this.#end = end;
        this.#finish();
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
    if (update.frame !== undefined) this.#confirmed(update.frame);
    if (update.epoch.leader !== this.epoch.leader || update.epoch.assignment !== this.epoch.assignment) {
      this.epoch = update.epoch;
      this.#sendAgain();
    }
    if (update.cancel) this.#cancel();
    for (const permit of update.permits ?? []) this.#permitted(permit);
    for (const settlement of update.settlements ?? []) this.#coroutine.settle(settlement);
    for (const doubt of update.doubts ?? []) this.#reconcile(doubt);
  }

  /** Forgets the run: its attempts are asked to stop, and nothing of them is told. */
  drop(reason: string): void {
    this.#over = true;
    this.#coroutine.drop();
    for (const attempt of this.#attempts.values()) attempt.abort(reason);
    this.#attempts.clear();
  }

  /** The next frame, where there is something to say. */
  takeFrame(): Frame | undefined {
    if (this.#items.length === 0 || this.#over) return undefined;
    const items = this.#items;
    this.#items = [];
    const { tenant, runId, epoch } = this;
    const frame: Frame = {
      tenant,
      runId,
      executor: this.#host.executor,
      epoch,
      number: ++this.#number,
      items,
    };
    this.#unconfirmed.push({ frame, sentAt: this.#host.now() });
    return frame;
  }

  /** Frames that were sent before an instant and are still not confirmed: to be sent again, now. */
  takeOverdue(before: number): readonly Frame[] {
    const old = this.#unconfirmed.filter(({ sentAt }) => sentAt < before);
    for (const entry of old) entry.sentAt = this.#host.now();
    return old.map(({ frame }) => frame);
  }

  /** The partition lent time again: start what waited for it. */
  leased(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const permit of waiting) this.#startUnderLease(permit);
  }

  #say(item: FrameItem): void {
    if (this.#over) return;
    this.#items.push(item);
    this.#host.changed(this);
  }

  #confirmed(number: number): void {
    this.#unconfirmed = this.#unconfirmed.filter(({ frame }) => frame.number > number);
  }

  /** Under a new epoch what was not confirmed is sent again. */
  #sendAgain(): void {
    const { epoch } = this;
    const now = this.#host.now();
    this.#unconfirmed = this.#unconfirmed.map(({ frame }) => ({
      frame: { ...frame, epoch },
      sentAt: now - 1e6,
    }));
    if (this.#unconfirmed.length > 0) this.#host.changed(this);
  }

  #permitted(permit: Permit): void {
    const name = `${permit.stepKey}\n${String(permit.attempt)}`;
    if (this.#spent.has(name)) return;
    this.#spent.add(name);
    this.#startUnderLease(permit);
  }

  #startUnderLease(permit: Permit): void {
    const asked = this.#coroutine.action(permit.stepKey);
    if (!asked) {
      this.#spent.delete(`${permit.stepKey}\n${String(permit.attempt)}`);
      this.#host.log(this.runId, 'a permit for a step that is not open', { stepKey: permit.stepKey });
      return;
    }
    if (!this.#host.mayStart(this.partition)) {
      this.#waiting.push(permit);
      return;
    }
    const { tenant, runId } = this;
    const { stepKey, attempt } = permit;
    const running = new Attempt({
      action: asked.action,
      args: permit.args ?? asked.args,
      tenant,
      runId,
      stepKey,
      attempt,
    });
    this.#attempts.set(stepKey, running);
    running.run((end) => {
      this.#ended(running, end);
    });
  }

  #ended(attempt: Attempt, end: AttemptEnd): void {
    const { stepKey, attempt: number, action, args } = attempt.options;
    if (this.#over) return;
    if (end.ok) {
      this.#attempts.delete(stepKey);
      this.#tellOutcome(stepKey, number, end.output);
      return;
    }
    const failure = failureOf(action, end.error);
    if (failure.unknown && action.reconcile) {
      void this.#ask(action, { stepKey, attempt: number, args }, attempt);
      return;
    }
    this.#attempts.delete(stepKey);
    this.#say({ kind: 'failure', stepKey, attempt: number, error: failure.error, unknown: failure.unknown });
    this.#finish();
  }

  #tellOutcome(stepKey: string, attempt: number, output: Json): void {
    if (this.#end) this.#say({ kind: 'outcome', stepKey, attempt, output, at: this.#host.now() });
    else this.#coroutine.outcome(stepKey, attempt, output);
    this.#finish();
  }

  /** An attempt in doubt, of an executor that is gone. */
  #reconcile(doubt: Doubt): void {
    const action = this.#host.toolAction(doubt.tool);
    if (!action || this.#attempts.has(doubt.stepKey)) return;
    const { tenant, runId } = this;
    const { stepKey, attempt, args } = doubt;
    const asking = new Attempt({ action, args, tenant, runId, stepKey, attempt });
    this.#attempts.set(stepKey, asking);
    void this.#ask(action, doubt, asking);
  }

  async #ask(
    action: Action,
    { stepKey, attempt, args }: Omit<Doubt, 'name' | 'tool'>,
    asking: Attempt,
  ): Promise<void> {
    const base = { kind: 'reconciled', stepKey, attempt } as const;
    try {
      const verdict = await action.reconcile?.(args, asking.context());
      this.#say({ ...base, ...(verdict ?? { verdict: 'unknown', reason: 'the tool can not reconcile' }) });
    } catch (error) {
      this.#say({ ...base, verdict: 'unknown', reason: `reconcile failed: ${errorRecord(error).message}` });
    }
    this.#attempts.delete(stepKey);
    this.#finish();
  }

  #cancel(): void {
    if (this.#coroutine.cancelled) return;
    this.#coroutine.cancel();
    this.#waiting = [];
    for (const attempt of this.#attempts.values()) attempt.abort('the run was cancelled');
  }

  /** Invariant 3. */
  #finish(): void {
    const end = this.#end;
    if (!end || this.#over || (this.#attempts.size > 0 && end.how !== 'diverged')) return;
    if (this.#told) return;
    this.#told = true;
    this.#say(this.#lastItem(end));
  }

  #lastItem(end: CoroutineEnd): FrameItem {
    if (this.#coroutine.cancelled && end.how !== 'diverged') return { kind: 'stopped' };
    switch (end.how) {
      case 'completed':
        return { kind: 'complete', output: end.output };
      case 'failed':
        return { kind: 'fail', error: errorRecord(end.error, 'WORKFLOW_FAILED') };
      case 'diverged':
        return { kind: 'diverged', stepKey: end.stepKey, recorded: end.recorded, proposed: end.proposed };
    }
  }
}
