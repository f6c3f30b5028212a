import { type Draft, type Plan, planCommand, type RunState, threadKey } from '@summit/engine';
import { ConflictError } from '@summit/kernel';
import { askerOf, causeOf } from './asked.ts';
import { type Command, type IfBusy } from './command.ts';
import { type Desk, type Task, task } from './desk.ts';
import { endWork } from './work.run.ts';

/** Where a run is to be started. */
export interface TurnOptions {
  readonly tenant: string;
  /** Surrogate of the thread. */
  readonly thread: string;
  readonly ifBusy: IfBusy | undefined;
  /** Plans the start anew: the thread is not what it was when it was planned. */
  readonly again: () => void;
}

/** Records the start; `interrupt` then cancels the run that has the thread, where that was asked for. */
type RecordStart = (draft: Draft, interrupt: () => void) => void;

/** A start's turn on its thread, by what it finds there; see {@link IfBusy}. */
export class Turn {
  /** The run that has the thread and is to be cancelled. Work on it waits for this start, and the start for it. */
  readonly interrupted: RunState | undefined;
  readonly #desk: Desk;
  readonly #options: TurnOptions;

  constructor(desk: Desk, options: TurnOptions) {
    this.#desk = desk;
    this.#options = options;
    this.interrupted = options.ifBusy === 'interrupt' ? this.#active() : undefined;
  }

  get interrupts(): { readonly interrupts?: string } {
    return this.interrupted ? { interrupts: this.interrupted.runId } : {};
  }

  /** The start's task; undefined where it is planned anew. Throws `THREAD_BUSY`. */
  task(command: Command, planned: () => Plan, record: RecordStart): Task | undefined {
    if (!this.#stands()) return undefined;
    const run = this.interrupted;
    if (run && !run.cancelRequested) return this.#interrupting(command, run, planned(), record);
    return task(planned(), (draft) => {
      if (this.#stands()) record(draft, () => undefined);
    });
  }

  /** Both are decided before either is recorded: a start whose interruption is denied is refused. */
  #interrupting(command: Command, run: RunState, start: Plan, record: RecordStart): Task {
    const desk = this.#desk;
    const reason = 'interrupted by another run of its thread';
    const cancel = planCommand(run, { verb: 'cancel', reason }, askerOf(desk, command));
    const count = start.requests.length;
    return {
      requests: [...start.requests, ...cancel.requests],
      conclude(answers) {
        const started = start.conclude(answers.slice(0, count));
        const cancelled = cancel.conclude(answers.slice(count));
        record(started, () => {
          desk.record(run, cancelled, causeOf(desk, command));
          desk.enqueue(endWork(desk, run.runId));
        });
      },
    };
  }

  /** Whether the thread is still what the start was planned for. */
  #stands(): boolean {
    const { ifBusy, again } = this.#options;
    if (ifBusy === undefined || ifBusy === 'enqueue') return true;
    const active = this.#active();
    if (ifBusy === 'reject') {
      if (active) throw threadBusy(active.runId);
      return true;
    }
    if (active?.runId === this.interrupted?.runId) return true;
    again();
    return false;
  }

  #active(): RunState | undefined {
    const { tenant, thread } = this.#options;
    const active = this.#desk.ledger.state.threads.get(threadKey(tenant, thread))?.active;
    return active === undefined ? undefined : this.#desk.run(active);
  }
}

const threadBusy = (runId: string): ConflictError =>
  new ConflictError(
    'THREAD_BUSY',
    `run ${runId} has the thread`,
    'Wait until it has ended, start with ifBusy enqueue or interrupt, or take another thread.',
  );
