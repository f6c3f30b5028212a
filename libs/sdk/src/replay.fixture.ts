import {
  type Dispatch,
  type Edit,
  type FrameItem,
  type HistoryItem,
  type PatchOperation,
  type Proposal,
  proposalHash,
  type Settlement,
} from '@summit/engine';
import { type Json } from '@summit/kernel';
import { Coroutine } from './coroutine.ts';
import { type CoroutineEnd } from './coroutine.host.ts';
import { type Workflow } from './workflow.ts';

const RUN = 'run_00_000000000aaaaaaaa';

export function dispatchOf(history: readonly HistoryItem[], input: Json = null): Dispatch {
  return {
    runId: RUN,
    threadId: 't1',
    workflow: 'w',
    version: '1',
    input,
    seed: '00112233445566778899aabbccddeeff',
    startedBy: 'alice',
    createdAt: 1000,
    state: {},
    stateVersion: 0,
    history,
    cancelled: false,
    paused: false,
    trace: '',
  };
}

const isProposal = (item: FrameItem): item is Proposal =>
  item.kind === 'propose' || item.kind === 'sleep' || item.kind === 'signal' || item.kind === 'patch';

/** A coroutine whose surroundings are a test: what it says is recorded as a leader would. */
export class Stage {
  readonly said: FrameItem[] = [];
  readonly history: HistoryItem[];
  readonly coroutine: Coroutine;
  end: CoroutineEnd | undefined;
  readonly #answered = new Set<string>();
  /** What permits put in the place of proposed arguments. */
  readonly #executed = new Map<string, Json>();
  #clock = 2000;
  #version = 1;
  #stateVersion = 0;

  constructor(workflow: Workflow, history: readonly HistoryItem[] = [], input: Json = null) {
    this.history = [...history];
    for (const item of history)
      if (item.t === 'outcome' || item.t === 'settled') this.#answered.add(item.stepKey);
    this.#version = history.length + 1;
    this.#stateVersion = history.filter(
      (item) => item.t === 'edit' || ('patch' in item && item.patch),
    ).length;
    this.coroutine = new Coroutine(workflow, 'acme', dispatchOf(history, input), {
      now: () => (this.#clock += 7),
      emit: (item) => {
        this.said.push(item);
        this.#record(item);
      },
      live: () => undefined,
      ended: (end) => {
        this.end = end;
      },
      log: () => undefined,
    });
    this.coroutine.start();
  }

  /** Until nothing moves any more. */
  async still(): Promise<this> {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    return this;
  }

  /** Keys of calls that were proposed and not answered yet. */
  open(): string[] {
    return this.history.flatMap((item) =>
      item.t === 'proposed' && !this.#answered.has(item.stepKey) ? [item.stepKey] : [],
    );
  }

  /** An attempt of this executor succeeded; `executed`: the arguments that its permit carried. */
  outcome(stepKey: string, output: Json, executed?: Json): void {
    this.#answered.add(stepKey);
    if (executed !== undefined) this.#executed.set(stepKey, executed);
    this.coroutine.outcome(stepKey, 1, output, executed);
  }

  /** The leader settled a step. */
  settle(stepKey: string, result: Settlement['result'], patch?: Settlement['patch'], executed?: Json): void {
    this.#answered.add(stepKey);
    const made =
      patch && result.ok ? { patch, result: { ok: true, output: ++this.#stateVersion } as const } : {};
    const changed = executed === undefined ? {} : { executed };
    const settlement = { version: ++this.#version, stepKey, result, ...made, ...changed };
    this.history.push({ t: 'settled', ...settlement });
    this.coroutine.settle(settlement);
  }

  /** A person changed the state; the coroutine hears of it by {@link tell}. */
  edit(patch: readonly PatchOperation[]): Edit {
    const edit = { version: ++this.#version, stateVersion: ++this.#stateVersion, patch };
    this.history.push({ t: 'edit', ...edit });
    return edit;
  }

  tell(edit: Edit): void {
    this.coroutine.edit(edit);
  }

  #record(item: FrameItem): void {
    if (isProposal(item)) {
      this.history.push({ t: 'proposed', stepKey: item.stepKey, actionHash: proposalHash(RUN, item) });
    } else if (item.kind === 'outcome') {
      const { stepKey, output, at } = item;
      const executed = this.#executed.get(stepKey);
      this.history.push({ t: 'outcome', stepKey, output, at, ...(executed !== undefined && { executed }) });
    } else if (item.kind === 'pure') {
      this.history.push({ t: 'pure', stepKey: item.stepKey, output: item.output });
    } else if (item.kind === 'message') {
      this.history.push({ t: 'message', stepKey: item.stepKey });
    } else if (item.kind === 'edited') {
      this.history.push({ t: 'edited', version: item.version, at: item.at });
    } else if (item.kind === 'delivered') {
      this.history.push({ t: 'delivered', version: item.version, stepKey: item.stepKey, at: item.at });
    }
  }
}
