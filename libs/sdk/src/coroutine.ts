import {
  type Dispatch,
  type Edit,
  type Executed,
  type Proposal,
  proposalHash,
  type Settlement,
  type StepResult,
} from '@summit/engine';
import { errorRecord, type Instant, type Json, type JsonObject } from '@summit/kernel';
import { type Action } from './action.ts';
import { Branches } from './branch.ts';
import { makeContext } from './context.impl.ts';
import { Conversation } from './conversation.ts';
import { type CoroutineEnd, type CoroutineHost } from './coroutine.host.ts';
import { Deliveries } from './deliveries.ts';
import { RunCancelledError } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { type Asked, OpenCalls } from './open-calls.ts';
import { Outlet } from './outlet.ts';
import { type Change, changeOf, ReceivedState } from './received-state.ts';
import { Recorded, type Told } from './recorded.ts';
import { type Workflow } from './workflow.ts';

/**
 * One run of a workflow's function.
 *
 * Owns: the function, and what happens in which order. Its open calls, what its history holds, the queue of what it
 * is told and the way out for what it says are {@link OpenCalls}, {@link Recorded}, {@link Deliveries} and
 * {@link Outlet}. Does not own: tools, permits, time.
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
  readonly state: ReceivedState;
  readonly #host: CoroutineHost;
  readonly #workflow: Workflow;
  readonly #recorded: Recorded;
  readonly #calls = new OpenCalls();
  readonly #deliveries: Deliveries;
  readonly #outlet: Outlet;
  #now: Instant;

  constructor(workflow: Workflow, tenant: string, dispatch: Dispatch, host: CoroutineHost) {
    this.#workflow = workflow;
    this.tenant = tenant;
    this.dispatch = dispatch;
    this.#host = host;
    this.#now = dispatch.createdAt;
    this.#recorded = new Recorded(dispatch.history);
    this.state = new ReceivedState(dispatch.state, dispatch.stateVersion);
    this.#outlet = new Outlet(host);
    this.#deliveries = new Deliveries((error) => {
      this.#failed(error);
    });
    this.branches = new Branches(dispatch.seed);
    this.conversation = new Conversation(dispatch, (item) => {
      this.#outlet.say(item);
    });
  }

  /** History is left: nothing of it is said or done again. */
  get replaying(): boolean {
    return !this.#outlet.open && !this.#outlet.closed;
  }

  get cancelled(): boolean {
    return this.#calls.cancelled;
  }

  now(): Instant {
    return this.#now;
  }

  log(message: string, fields: JsonObject): void {
    if (this.#outlet.open) this.#host.log(message, fields);
  }

  /** Starts the function, goes through the history, then is live. */
  start(): void {
    this.#run().then(
      (output) => {
        this.#end({ how: 'completed', output });
      },
      (error: unknown) => {
        this.#end({ how: 'failed', error });
      },
    );
    this.#deliveries.begin(this.#recorded.deliveries(this.#again, this.#live));
  }

  async #run(): Promise<Json> {
    await Promise.resolve();
    const input: unknown = this.#workflow.input.parse(copyJson(this.dispatch.input));
    return copyJson(await this.#workflow.run(makeContext(this), input));
  }

  /**
   * A call of the workflow: matched with the history by its key, or proposed. `executed` is told, before the result,
   * of arguments that were put in the place of the proposed ones.
   */
  call(proposal: Proposal, action?: Action, executed?: (args: Json) => void): Promise<Json> {
    const promise = this.#calls.open(proposal, action, executed);
    if (!this.#calls.cancelled) this.#propose(proposal);
    else if (this.#calls.exhausted) this.#end({ how: 'failed', error: new RunCancelledError() });
    return promise;
  }

  /** A pure step: answered from the history, or computed and told. */
  pure(stepKey: string, compute: () => Json): Json {
    const known = this.#recorded.pure(stepKey);
    if (known !== undefined) return copyJson(known);
    const output = copyJson(compute());
    this.#outlet.say({ kind: 'pure', stepKey, output });
    return copyJson(output);
  }

  /** What to run for a permit; undefined where nothing waits under that key, or its answer is on the way. */
  action(stepKey: string): Asked | undefined {
    return this.#calls.asked(stepKey);
  }

  /** A permitted attempt of this executor succeeded: the coroutine goes on with it at once. */
  outcome(stepKey: string, attempt: number, output: Json, executed?: Executed): void {
    this.#calls.answered(stepKey);
    this.#deliveries.push(() => {
      const at = this.#host.now();
      this.#outlet.say({ kind: 'outcome', stepKey, attempt, output, at });
      this.#settle(stepKey, { ok: true, output }, at, undefined, executed);
    });
  }

  /** What the leader settled and what people changed, told at once: received in the order of their commits. // C3.3 */
  tell(settlements: Iterable<Settlement>, edits: Iterable<Edit>): void {
    const told = [...settlements, ...edits].sort((one, other) => one.version - other.version);
    for (const one of told) {
      if ('result' in one) this.settle(one);
      else this.edit(one);
    }
  }

  /** The leader settled a step; the mark says when the coroutine received it. */
  settle(settlement: Settlement): void {
    this.#deliveries.push(() => {
      const { stepKey, version, result, executed } = settlement;
      if (!this.#calls.has(stepKey)) return;
      const change = changeOf(settlement);
      if (change && this.state.waits(change, this.settle.bind(this, settlement))) return;
      const at = this.#host.now();
      this.#outlet.say({ kind: 'delivered', version, stepKey, at });
      this.#settle(stepKey, result, at, change, executed);
    });
  }

  /** [C3.3] A person changed the state: received once, and marked. */
  edit(edit: Edit): void {
    this.#deliveries.push(() => {
      if (this.state.has(edit.stateVersion) || this.cancelled) return;
      if (this.state.waits(edit, this.edit.bind(this, edit))) return;
      this.#outlet.say({ kind: 'edited', version: edit.version, at: this.#host.now() });
      this.state.apply(edit);
    });
  }

  /** Ends every open call with {@link RunCancelledError}. */
  cancel(): void {
    this.#deliveries.push(() => {
      this.#calls.cancel();
    });
  }

  /** Says nothing more, whatever the function still does. */
  drop(): void {
    this.#outlet.close();
    this.#deliveries.stop();
  }

  #propose(proposal: Proposal): void {
    const { stepKey } = proposal;
    const recorded = this.#recorded.proposed(stepKey);
    if (recorded === undefined) {
      this.#outlet.say(proposal);
      return;
    }
    const proposed = proposalHash(this.dispatch.runId, proposal);
    if (proposed !== recorded) this.#end({ how: 'diverged', stepKey, recorded, proposed });
  }

  #settle(stepKey: string, result: StepResult, at: Instant, change?: Change, executed?: Executed): void {
    if (change) this.state.apply(change);
    if (this.#calls.settle(stepKey, result, executed)) this.#now = Math.max(this.#now, at);
  }

  readonly #again = (told: Told): void => {
    if ('edit' in told) this.state.apply(told.edit);
    else if (this.#calls.has(told.stepKey)) {
      this.#settle(told.stepKey, told.result, told.at, told.change, told.executed);
    } else this.#unasked(told.stepKey);
  };

  /** The code did not ask for what is recorded under a key. */
  #unasked(stepKey: string): void {
    const proposed = this.#outlet.keys().join(', ') || 'nothing';
    this.#end({ how: 'diverged', stepKey, recorded: stepKey, proposed });
  }

  /** The history is used up: everything recorded must have been asked for again; what is new goes out. */
  readonly #live = (): void => {
    const missing = this.#recorded.missing();
    if (missing !== undefined) {
      this.#unasked(missing);
      return;
    }
    this.#outlet.release();
    this.#host.live();
    this.tell(this.#recorded.settled(), this.#recorded.edits());
    if (this.dispatch.cancelled) this.cancel();
  };

  /** A delivery could not be made: the run's failure, not the executor's. */
  #failed(error: unknown): void {
    this.log('a delivery failed', { error: errorRecord(error).message });
    this.#close({ how: 'failed', error });
  }

  /** While history is left an end waits for its turn, but for a divergence. */
  #end(end: CoroutineEnd): void {
    if (this.replaying && end.how !== 'diverged') {
      this.#deliveries.push(() => {
        this.#close(end);
      });
    } else this.#close(end);
  }

  #close(end: CoroutineEnd): void {
    if (this.#outlet.closed) return;
    this.drop();
    this.#host.ended(end);
  }
}
