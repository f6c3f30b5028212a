import { type Executed, type Proposal, type StepResult } from '@summit/engine';
import { canonicalJson, FewMap, type Json } from '@summit/kernel';
import { type Action } from './action.ts';
import { RunCancelledError, StepError } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { quiet } from './quiet.ts';

/** Calls of a cancelled workflow that are still answered, with their refusal; one that asks for ever is not heard. */
const CALLS_AFTER_CANCEL = 1000;

/** What to run for a permit. */
export interface Asked {
  readonly action: Action;
  readonly args: Json;
}

/** Who asked for what, and wants to hear where something else was executed in its place. */
interface Listener {
  readonly proposed: Json;
  readonly executed: (args: Json) => void;
}

interface OpenCall {
  /** Undefined where the leader settles it, and once its answer is on the way. */
  asked: Asked | undefined;
  readonly listener: Listener | undefined;
  readonly promise: Promise<Json>;
  readonly resolve: (value: Json) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls of a workflow that have no answer yet, by their keys. One may fail without anybody awaiting it. */
export class OpenCalls {
  readonly #calls = new FewMap<OpenCall>();
  #cancelled = false;
  #refused = 0;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** A cancelled workflow that catches its refusals and asks again and again must not hold the process. */
  get exhausted(): boolean {
    return this.#refused > CALLS_AFTER_CANCEL;
  }

  /** `executed`: see {@link OpenCalls.settle}. */
  open(proposal: Proposal, action?: Action, executed?: (args: Json) => void): Promise<Json> {
    if (this.#cancelled) return this.#refuse();
    const asked = action && proposal.kind === 'propose' ? { action, args: proposal.args } : undefined;
    const listener = executed && asked && { proposed: asked.args, executed };
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    this.#calls.set(proposal.stepKey, { asked, listener, promise, resolve, reject });
    return promise;
  }

  #refuse(): Promise<Json> {
    this.#refused += 1;
    return this.exhausted ? new Promise(() => undefined) : quiet(Promise.reject(new RunCancelledError()));
  }

  has(stepKey: string): boolean {
    return this.#calls.has(stepKey);
  }

  asked(stepKey: string): Asked | undefined {
    return this.#calls.get(stepKey)?.asked;
  }

  /** Its answer is on the way: nothing more is to be run for it. */
  answered(stepKey: string): void {
    const call = this.#calls.get(stepKey);
    if (call) call.asked = undefined;
  }

  /**
   * False where nothing waits under the key. The workflow gets a copy of the record, to do with as it likes; who wants
   * to hear it is told before which arguments were executed, where they are not the proposed ones. A permit may carry
   * the proposed ones too: the arguments themselves are compared, so that live and replay tell the same.
   */
  settle(stepKey: string, result: StepResult, executed?: Executed): boolean {
    const call = this.#calls.get(stepKey);
    if (!call) return false;
    this.#calls.delete(stepKey);
    if (executed !== undefined && call.listener) tell(call.listener, executed);
    if (result.ok) call.resolve(copyJson(result.output));
    else fail(call, new StepError(stepKey, result.error));
    return true;
  }

  /** Ends them all with {@link RunCancelledError}, and those to come. */
  cancel(): void {
    this.#cancelled = true;
    const open = this.#calls.values();
    this.#calls.clear();
    for (const call of open) fail(call, new RunCancelledError());
  }
}

function tell({ proposed, executed: told }: Listener, executed: Executed): void {
  if (canonicalJson(executed) !== canonicalJson(proposed)) told(copyJson(executed));
}

function fail({ promise, reject }: OpenCall, error: Error): void {
  void quiet(promise);
  reject(error);
}
