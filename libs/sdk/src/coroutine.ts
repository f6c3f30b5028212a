import {
  type Dispatch,
  type Edit,
  type FrameItem,
  type HistoryItem,
  type Proposal,
  proposalHash,
  type Settlement,
  type StepResult,
} from '@summit/engine';
import { errorRecord, type Instant, type Json, type JsonObject } from '@summit/kernel';
import { Branches } from './branch.ts';
import { makeContext } from './context.impl.ts';
import { Conversation } from './conversation.ts';
import { type CoroutineEnd, type CoroutineHost } from './coroutine.host.ts';
import { RunCancelledError, StepError } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { changeOf, ReceivedState } from './received-state.ts';
import { type Action } from './action.ts';
import { type Workflow } from './workflow.ts';

/** Calls of a cancelled workflow that are still answered, with their refusal; one that asks for ever is not heard. */
const CALLS_AFTER_CANCEL = 1000;

interface Pending {
  readonly action: Action | undefined;
  readonly proposal: Proposal;
  resolve(value: Json): void;
  reject(error: unknown): void;
}

/**
 * One run of a workflow's function.
 *
 * Owns: its promises, its place in the history, the state as delivered. Does not own: tools, permits, time.
 *
 * 1. One promise is settled at a time, and all that follows from it in microtasks has happened before the next: live
 *    and in replay the same, so races come out the same.
 * 2. While history is left nothing is emitted; what the code proposes must be what was recorded under that key.
 * 3. What settles a promise is in the journal's order: an own outcome by its place in the frame, anything else by
 *    a `delivered` mark.
 * 4. After it ended, or was dropped, it says nothing more.
 * 5. The state changes in the order of its versions, whoever changed it: what comes too early waits.
 * 6. What the function passes and gets are copies: it can not change what is recorded.
 */
export class Coroutine {
  readonly dispatch: Dispatch;
  readonly tenant: string;
  readonly branches: Branches;
  readonly conversation: Conversation;
  readonly #host: CoroutineHost;
  readonly #workflow: Workflow;
  readonly #pending = new Map<string, Pending>();
  /** Hashes of the history's proposals that the code has not made again yet. */
  readonly #expected = new Map<string, string>();
  readonly #pure = new Map<string, Json>();
  readonly #offered = new Map<string, Settlement>();
  /** Edits of the history that are not marked yet, by their commit's version. */
  readonly #edits = new Map<number, Edit>();
  readonly #deliveries: (() => void)[] = [];
  #unsent: FrameItem[] = [];
  #pumping = false;
  #replaying = true;
  #over = false;
  #cancelled = false;
  #callsAfterCancel = 0;
  #now: Instant;
  readonly #state: ReceivedState;

  constructor(workflow: Workflow, tenant: string, dispatch: Dispatch, host: CoroutineHost) {
    this.#workflow = workflow;
    this.tenant = tenant;
    this.dispatch = dispatch;
    this.#host = host;
    this.#now = dispatch.createdAt;
    this.#state = new ReceivedState(dispatch.state, dispatch.stateVersion);
    this.branches = new Branches(dispatch.seed);
    this.conversation = new Conversation(dispatch, (item) => {
      this.#emit(item);
    });
  }

  get replaying(): boolean {
    return this.#replaying;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  now(): Instant {
    return this.#now;
  }

  state(): Json {
    return this.#state.get();
  }

  log(message: string, fields: JsonObject): void {
    if (!this.#replaying && !this.#over) this.#host.log(message, fields);
  }

  /** Starts the function, goes through the history, then is live. */
  start(): void {
    for (const item of this.dispatch.history) this.#schedule(item);
    this.#deliveries.push(() => {
      this.#live();
    });
    this.#run().then(
      (output) => {
        this.#end({ how: 'completed', output });
      },
      (error: unknown) => {
        this.#end({ how: 'failed', error });
      },
    );
    this.#pump();
  }

  async #run(): Promise<Json> {
    await Promise.resolve();
    const input: unknown = this.#workflow.input.parse(copyJson(this.dispatch.input));
    return copyJson(await this.#workflow.run(makeContext(this), input));
  }

  /** A call of the workflow: matched with the history by its key, or proposed. */
  call(proposal: Proposal, action?: Action): Promise<Json> {
    const { stepKey } = proposal;
    const promise = new Promise<Json>((resolve, reject) => {
      this.#pending.set(stepKey, { action, proposal, resolve, reject });
    });
    if (this.#cancelled) this.#refuseAfterCancel(stepKey);
    else this.#propose(proposal);
    return promise;
  }

  /** A workflow that catches its cancel and asks again and again must not hold the process. */
  #refuseAfterCancel(stepKey: string): void {
    const pending = this.#pending.get(stepKey);
    this.#pending.delete(stepKey);
    if (++this.#callsAfterCancel <= CALLS_AFTER_CANCEL) pending?.reject(new RunCancelledError());
    else this.#end({ how: 'failed', error: new RunCancelledError() });
  }

  /** A pure step: answered from the history, or computed and told. */
  pure(stepKey: string, compute: () => Json): Json {
    const known = this.#pure.get(stepKey);
    if (known !== undefined) return copyJson(known);
    const output = copyJson(compute());
    this.#emit({ kind: 'pure', stepKey, output });
    return copyJson(output);
  }

  /** What to run for a permit; undefined where the workflow asked for nothing under that key. */
  action(stepKey: string): { readonly action: Action; readonly args: Json } | undefined {
    const pending = this.#pending.get(stepKey);
    if (!pending?.action || pending.proposal.kind !== 'propose') return undefined;
    return { action: pending.action, args: pending.proposal.args };
  }

  /** A permitted attempt of this executor succeeded: the coroutine goes on with it at once. */
  outcome(stepKey: string, attempt: number, output: Json): void {
    this.#deliver(() => {
      const at = this.#host.now();
      this.#emit({ kind: 'outcome', stepKey, attempt, output, at });
      this.#settle(stepKey, { ok: true, output }, at);
    });
  }

  /** The leader settled a step; the mark says when the coroutine received it. */
  settle(settlement: Settlement): void {
    this.#deliver(() => {
      const { stepKey, version } = settlement;
      if (!this.#pending.has(stepKey)) return;
      const change = changeOf(settlement);
      if (change && this.#state.waits(change, this.settle.bind(this, settlement))) return;
      const at = this.#host.now();
      this.#emit({ kind: 'delivered', version, stepKey, at });
      if (change) this.#state.apply(change);
      this.#settle(stepKey, settlement.result, at);
    });
  }

  /** [C3.3] A person changed the state: received once, and marked. */
  edit(edit: Edit): void {
    this.#deliver(() => {
      if (this.#state.has(edit.stateVersion) || this.#cancelled) return;
      if (this.#state.waits(edit, this.edit.bind(this, edit))) return;
      this.#emit({ kind: 'edited', version: edit.version, at: this.#host.now() });
      this.#state.apply(edit);
    });
  }

  /** Ends every open call with {@link RunCancelledError}. */
  cancel(): void {
    this.#deliver(() => {
      this.#cancelled = true;
      const open = [...this.#pending.values()];
      this.#pending.clear();
      for (const pending of open) pending.reject(new RunCancelledError());
    });
  }

  /** Says nothing more, whatever the function still does. */
  drop(): void {
    this.#over = true;
  }

  #propose(proposal: Proposal): void {
    const { stepKey } = proposal;
    const recorded = this.#expected.get(stepKey);
    if (recorded === undefined) {
      this.#emit(proposal);
      return;
    }
    this.#expected.delete(stepKey);
    const hash = proposalHash(this.dispatch.runId, proposal);
    if (hash !== recorded) this.#end({ how: 'diverged', stepKey, recorded, proposed: hash });
  }

  #emit(item: FrameItem): void {
    if (this.#over) return;
    if (this.#replaying) this.#unsent.push(item);
    else this.#host.emit(item);
  }

  #schedule(item: HistoryItem): void {
    switch (item.t) {
      case 'proposed':
        this.#expected.set(item.stepKey, item.actionHash);
        break;
      case 'pure':
        this.#pure.set(item.stepKey, item.output);
        break;
      case 'message': // the conversation knows
        break;
      case 'settled':
        this.#offered.set(item.stepKey, item);
        break;
      case 'edit':
        this.#edits.set(item.version, item);
        break;
      case 'edited':
        this.#deliveries.push(() => {
          const edit = this.#edits.get(item.version);
          this.#edits.delete(item.version);
          if (edit) this.#state.apply(edit);
        });
        break;
      case 'outcome':
        this.#deliveries.push(() => {
          this.#replay(item.stepKey, { ok: true, output: item.output }, item.at);
        });
        break;
      case 'delivered':
        this.#deliveries.push(() => {
          const offered = this.#offered.get(item.stepKey);
          this.#offered.delete(item.stepKey);
          if (!offered) return;
          const change = changeOf(offered);
          if (change) this.#state.apply(change);
          this.#replay(item.stepKey, offered.result, item.at);
        });
        break;
    }
  }

  #replay(stepKey: string, result: StepResult, at: Instant): void {
    if (this.#pending.has(stepKey)) this.#settle(stepKey, result, at);
    else this.#end({ how: 'diverged', stepKey, recorded: stepKey, proposed: this.#unmatched() });
  }

  /** What the code proposed that the history does not know. */
  #unmatched(): string {
    const keys = this.#unsent.flatMap((item) => ('stepKey' in item ? [item.stepKey] : []));
    return keys.join(', ') || 'nothing';
  }

  /** The history is used up: everything recorded must have been asked for again; what is new goes out. */
  #live(): void {
    const missing = [...this.#expected.keys()][0];
    if (missing !== undefined) {
      this.#end({ how: 'diverged', stepKey: missing, recorded: missing, proposed: this.#unmatched() });
      return;
    }
    this.#replaying = false;
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const item of unsent) this.#emit(item);
    this.#host.live();
    for (const offered of this.#offered.values()) this.settle(offered);
    this.#offered.clear();
    for (const edit of this.#edits.values()) this.edit(edit);
    this.#edits.clear();
    if (this.dispatch.cancelled) this.cancel();
  }

  #deliver(delivery: () => void): void {
    if (this.#over) return;
    this.#deliveries.push(delivery);
    this.#pump();
  }

  /** Invariant 1: a delivery, then every microtask it brings, then the next. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const next = (): void => {
      const delivery = this.#over ? undefined : this.#deliveries.shift();
      if (!delivery) {
        this.#pumping = false;
        return;
      }
      this.#attempt(delivery);
      queueMicrotask(later);
    };
    const later = (): void => {
      process.nextTick(next); // ticks run when no microtask is left
    };
    queueMicrotask(later);
  }

  /** What goes wrong with a delivery is the run's failure, not the executor's. */
  #attempt(delivery: () => void): void {
    try {
      delivery();
    } catch (error) {
      this.log('a delivery failed', { error: errorRecord(error).message });
      this.#replaying = false;
      this.#end({ how: 'failed', error });
    }
  }

  #settle(stepKey: string, result: StepResult, at: Instant): void {
    const pending = this.#pending.get(stepKey);
    if (!pending) return;
    this.#pending.delete(stepKey);
    this.#now = Math.max(this.#now, at);
    if (result.ok) pending.resolve(copyJson(result.output));
    else pending.reject(new StepError(stepKey, result.error));
  }

  #end(end: CoroutineEnd): void {
    if (this.#over) return;
    if (this.#replaying && end.how !== 'diverged') {
      this.#deliveries.push(() => {
        this.#end(end);
      });
      return;
    }
    this.#over = true;
    this.#host.ended(end);
  }
}
