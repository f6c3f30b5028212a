import {
  type Dispatch,
  type FrameItem,
  type HistoryItem,
  type PatchOperation,
  applyPatch,
  type Proposal,
  proposalHash,
  type Settlement,
  type StepResult,
} from '@summit/engine';
import { type Instant, isObject, type Json, type JsonObject } from '@summit/kernel';
import { Branches } from './branch.ts';
import { makeContext } from './context.impl.ts';
import { RunCancelledError, StepError, TerminalError } from './errors.ts';
import { type Action } from './action.ts';
import { type Workflow } from './workflow.ts';

/** What a coroutine needs of its surroundings. */
export interface CoroutineHost {
  /** The executor's clock. */
  now(): Instant;
  /** Something new to tell the leader, in order. Never called for what the history holds already. */
  emit(item: FrameItem): void;
  /** The workflow's function ended; the last thing a coroutine says. */
  ended(end: CoroutineEnd): void;
  log(message: string, fields: JsonObject): void;
}

export type CoroutineEnd =
  | { readonly how: 'completed'; readonly output: Json }
  | { readonly how: 'failed'; readonly error: unknown }
  | {
      readonly how: 'diverged';
      readonly stepKey: string;
      readonly recorded: string;
      readonly proposed: string;
    };

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
 */
export class Coroutine {
  readonly dispatch: Dispatch;
  readonly tenant: string;
  readonly branches: Branches;
  readonly #host: CoroutineHost;
  readonly #workflow: Workflow;
  readonly #pending = new Map<string, Pending>();
  /** Hashes of the history's proposals that the code has not made again yet. */
  readonly #expected = new Map<string, string>();
  readonly #pure = new Map<string, Json>();
  readonly #offered = new Map<string, Settlement>();
  readonly #deliveries: (() => void)[] = [];
  #unsent: FrameItem[] = [];
  #pumping = false;
  #replaying = true;
  #over = false;
  #cancelled = false;
  #now: Instant;
  #state: Json;

  constructor(workflow: Workflow, tenant: string, dispatch: Dispatch, host: CoroutineHost) {
    this.#workflow = workflow;
    this.tenant = tenant;
    this.dispatch = dispatch;
    this.#host = host;
    this.#now = dispatch.createdAt;
    this.#state = dispatch.state;
    this.branches = new Branches(dispatch.seed);
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
    return this.#state;
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
    const { workflow, input } = { workflow: this.#workflow, input: this.dispatch.input };
    Promise.resolve()
      .then(() => workflow.run(makeContext(this), workflow.input.parse(input)))
      .then(
        (output) => {
          this.#end({ how: 'completed', output: (output ?? null) as Json });
        },
        (error: unknown) => {
          this.#end({ how: 'failed', error });
        },
      );
    this.#pump();
  }

  /** A call of the workflow: matched with the history by its key, or proposed. */
  call(proposal: Proposal, action?: Action): Promise<Json> {
    const { stepKey } = proposal;
    const promise = new Promise<Json>((resolve, reject) => {
      this.#pending.set(stepKey, { action, proposal, resolve, reject });
    });
    promise.catch(() => undefined); // a call that nobody awaits must not end the process
    if (this.#cancelled) this.#pending.get(stepKey)?.reject(new RunCancelledError());
    else this.#propose(proposal);
    return promise;
  }

  /** A pure step: answered from the history, or computed and told. */
  pure(stepKey: string, compute: () => Json): Json {
    const known = this.#pure.get(stepKey);
    if (known !== undefined) return known;
    const output = compute();
    this.#emit({ kind: 'pure', stepKey, output });
    return output;
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
      const at = this.#host.now();
      this.#emit({ kind: 'delivered', version, stepKey, at });
      this.#patch(settlement);
      this.#settle(stepKey, settlement.result, at);
    });
  }

  /** Ends every open call with {@link RunCancelledError}. */
  cancel(): void {
    this.#deliver(() => {
      this.#cancelled = true;
      for (const [stepKey, { reject }] of this.#pending) {
        this.#pending.delete(stepKey);
        reject(new RunCancelledError());
      }
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
      case 'settled':
        this.#offered.set(item.stepKey, item);
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
          this.#patch(offered);
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
    for (const offered of this.#offered.values()) this.settle(offered);
    this.#offered.clear();
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
      delivery();
      queueMicrotask(later);
    };
    const later = (): void => {
      process.nextTick(next); // ticks run when no microtask is left
    };
    queueMicrotask(later);
  }

  #settle(stepKey: string, result: StepResult, at: Instant): void {
    const pending = this.#pending.get(stepKey);
    if (!pending) return;
    this.#pending.delete(stepKey);
    this.#now = Math.max(this.#now, at);
    if (result.ok) pending.resolve(result.output);
    else pending.reject(new StepError(stepKey, result.error));
  }

  #patch({ patch }: Settlement): void {
    if (patch) this.#state = applyPatch(this.#state, patch);
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

/** Members to set as RFC 6902 operations; operations as they are. */
export function patchOperations(
  change: JsonObject | readonly PatchOperation[],
  state: Json,
): readonly PatchOperation[] {
  if (Array.isArray(change)) return change as readonly PatchOperation[];
  if (!isObject(change))
    throw new TerminalError('PATCH_INVALID', 'a patch is an object or operations', 'Send either.');
  const known = isObject(state) ? state : {};
  return Object.entries(change as JsonObject).map(([key, value]) => {
    const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return value === undefined
      ? { op: 'remove', path }
      : { op: key in known ? 'replace' : 'add', path, value };
  });
}
