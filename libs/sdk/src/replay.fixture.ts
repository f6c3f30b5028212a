import {
  type Dispatch,
  type FrameItem,
  type HistoryItem,
  type Proposal,
  proposalHash,
  type Settlement,
} from '@summit/engine';
import { type Json } from '@summit/kernel';
import { Coroutine, type CoroutineEnd } from './coroutine.ts';
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
  #clock = 2000;
  #version = 1;

  constructor(workflow: Workflow, history: readonly HistoryItem[] = [], input: Json = null) {
    this.history = [...history];
    this.#version = history.length + 1;
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

  /** An attempt of this executor succeeded. */
  outcome(stepKey: string, output: Json): void {
    this.#answered.add(stepKey);
    this.coroutine.outcome(stepKey, 1, output);
  }

  /** The leader settled a step. */
  settle(stepKey: string, result: Settlement['result'], patch?: Settlement['patch']): void {
    this.#answered.add(stepKey);
    const settlement = { version: ++this.#version, stepKey, result, ...(patch && { patch }) };
    this.history.push({ t: 'settled', ...settlement });
    this.coroutine.settle(settlement);
  }

  #record(item: FrameItem): void {
    if (isProposal(item)) {
      this.history.push({ t: 'proposed', stepKey: item.stepKey, actionHash: proposalHash(RUN, item) });
    } else if (item.kind === 'outcome') {
      this.history.push({ t: 'outcome', stepKey: item.stepKey, output: item.output, at: item.at });
    } else if (item.kind === 'pure') {
      this.history.push({ t: 'pure', stepKey: item.stepKey, output: item.output });
    } else if (item.kind === 'delivered') {
      this.history.push({ t: 'delivered', version: item.version, stepKey: item.stepKey, at: item.at });
    }
  }
}
