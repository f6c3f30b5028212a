/**
 * An executor: runs workflow code and tools, and holds no authority. All it can do is propose, act on permits, report.
 *
 * Owns: the coroutines of its runs, its leases, its heartbeat. Does not own: history, policy, the journal.
 *
 * 1. Frames of all runs to one leader leave together, once a turn of the event loop.
 * 2. An effect starts only under a live lease of its partition, looked at just before the call. // I4
 * 3. Messages of a leader that was followed by another are not heard; a gap in those of the one that leads is
 *    answered by an introduction, so that both sides compare notes.
 */
import {
  definitionDigest,
  type ExecutorMessage,
  type Frame,
  type Introduction,
  type LeaderMessage,
  type RunUpdate,
} from '@summit/engine';
import { SlotMap, type Tracing } from '@summit/kernel';
import { type Action, toolAction, type Workflow } from '@summit/sdk';
import { type ExecutorInbox, type LeaderLink } from '../link.ts';
import { type Log } from '../log.ts';
import { HeldRun, type RunHost } from './held-run.ts';
import { Leases } from './lease.ts';
import { type Lending, liveOf } from './live.ts';

/** How often an executor says that it lives, milliseconds; a third of the lease and less. */
export const HEARTBEAT_MS = 400;
/** After this long without confirmation a frame is sent again, milliseconds. */
const RESEND_MS = 2000;

export interface ExecutorOptions extends Lending {
  /** Id of this process life: an executor that starts again is another one. */
  readonly id: string;
  readonly tenants: readonly string[];
  readonly link: LeaderLink;
  readonly log: Log;
  readonly tracing?: Tracing | undefined;
}

export class Executor implements ExecutorInbox {
  readonly id: string;
  readonly #options: ExecutorOptions;
  readonly #workflows = new Map<string, Workflow>();
  readonly #actions = new Map<string, Action>();
  readonly #runs = new SlotMap<string, HeldRun>();
  readonly #leases = new Leases();
  readonly #host: RunHost;
  /** Each once: a run says that it changed, and no more until its frame is taken. */
  #changed: HeldRun[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ExecutorOptions) {
    this.id = options.id;
    this.#options = options;
    for (const workflow of options.app.workflows) {
      this.#workflows.set(`${workflow.definition.name}\n${workflow.definition.version}`, workflow);
    }
    for (const tool of options.app.tools)
      this.#actions.set(definitionDigest(tool.definition), toolAction(tool));
    const { clock, log } = options;
    this.#host = {
      executor: this.id,
      now: () => clock.now(),
      mayStart: (partition) => !this.#stopped && this.#leases.isLive(partition, clock.monotonic()),
      changed: (run) => {
        this.#onChanged(run);
      },
      late: (partition, frame) => {
        options.link.send(partition, this.#message({ frames: [frame] }));
      },
      toolAction: (digest) => this.#actions.get(digest),
      live: (address, generating) => liveOf(options, address, generating),
      tracing: options.tracing,
      log: (runId, message, fields) => {
        log.info({ runId, ...fields }, message);
      },
    };
  }

  /** Introduces itself to every leader and begins to breathe. */
  start(): void {
    this.introduce();
    this.#timer = setInterval(() => {
      this.#beat();
    }, HEARTBEAT_MS);
  }

  /** Says again what it is and holds, to all: after a connection was lost, leaders and executors compare notes. */
  introduce(): void {
    this.#options.link.broadcast(this.#message({ introduction: this.#introduction() }));
  }

  /** Runs held. */
  get size(): number {
    return this.#runs.size;
  }

  /** Gives its runs back and starts nothing more. */
  stop(): void {
    if (this.#stopped) return;
    this.#flush();
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const run of this.#runs.values()) run.drop('the executor stops');
    this.#runs.clear();
    this.#options.link.broadcast(this.#message({ leaving: true }));
  }

  receive(message: LeaderMessage): void {
    if (this.#stopped || !this.#leases.admit(message.partition, message.leaderEpoch)) return;
    const missed = this.#leases.missed(message.partition, message.number);
    if (message.introduce || missed) {
      this.#options.link.send(message.partition, this.#message({ introduction: this.#introduction() }));
    }
    if (message.lease) this.#leased(message.partition, message.lease.asked + message.lease.ms);
    for (const update of message.updates) this.#update(message.partition, update);
  }

  #leased(partition: number, until: number): void {
    const { clock } = this.#options;
    // a leader answers every message with a lease: under a live one nothing waits, and no run is looked at
    if (!this.#leases.renew(partition, until, clock.monotonic())) return;
    for (const run of this.#runs.values()) if (run.partition === partition) run.leased();
  }

  #update(partition: number, update: RunUpdate): void {
    const { runId, dispatch } = update;
    if (dispatch) {
      this.#dispatched(partition, { ...update, dispatch });
      return;
    }
    const run = this.#runs.get(runId);
    if (run?.tenant !== update.tenant) return;
    if (update.drop) {
      if (update.frame !== undefined || !isOlder(update, run))
        this.#forget(run, 'the run has ended or moved', update.frame);
    } else run.receive(update);
  }

  #dispatched(partition: number, update: RunUpdate & { dispatch: NonNullable<RunUpdate['dispatch']> }): void {
    const { runId, dispatch } = update;
    const before = this.#runs.get(runId);
    if (before) this.#forget(before, 'the run was given anew');
    const workflow = this.#workflows.get(`${dispatch.workflow}\n${dispatch.version}`);
    if (!workflow) {
      this.#options.log.error(
        { runId, workflow: dispatch.workflow },
        'given a run of a workflow that is not here',
      );
      return;
    }
    const run = new HeldRun(this.#host, workflow, update, partition);
    this.#runs.set(runId, run);
    run.start();
    run.receive(update);
  }

  #forget(run: HeldRun, reason: string, confirmed?: number): void {
    run.drop(reason, confirmed);
    this.#runs.delete(run.runId);
  }

  #onChanged(run: HeldRun): void {
    if (this.#changed.push(run) === 1) {
      setImmediate(() => {
        this.#flush();
      });
    }
  }

  /** Invariant 1. */
  #flush(): void {
    const changed = this.#changed;
    this.#changed = [];
    const now = this.#options.clock.now();
    const byPartition = new Map<number, Frame[]>();
    for (const run of changed) {
      let frames = byPartition.get(run.partition);
      if (!frames) byPartition.set(run.partition, (frames = []));
      frames.push(...run.takeOverdue(now - RESEND_MS, now));
      const frame = run.takeFrame(now);
      if (frame) frames.push(frame);
    }
    for (const [partition, frames] of byPartition) {
      if (frames.length > 0) this.#options.link.send(partition, this.#message({ frames }));
    }
  }

  #beat(): void {
    this.#options.link.broadcast(this.#message({}));
    const now = this.#options.clock.now();
    for (const run of this.#runs.values()) {
      const frames = run.takeOverdue(now - RESEND_MS, now);
      if (frames.length > 0) this.#options.link.send(run.partition, this.#message({ frames }));
    }
  }

  #message(part: Partial<ExecutorMessage>): ExecutorMessage {
    return { executor: this.id, asked: this.#options.clock.monotonic(), frames: [], ...part };
  }

  #introduction(): Introduction {
    const { app, tenants } = this.#options;
    return {
      tenants,
      tools: app.tools.map(({ definition }) => definition),
      workflows: app.workflows.map(({ definition }) => definition),
      holds: [...this.#runs.values()].map(({ tenant, runId, epoch }) => ({ tenant, runId, epoch })),
    };
  }
}

/** Whether an update speaks of an earlier epoch than the run is in. */
function isOlder({ epoch }: RunUpdate, run: HeldRun): boolean {
  return (
    epoch.leader < run.epoch.leader ||
    (epoch.leader === run.epoch.leader && epoch.assignment < run.epoch.assignment)
  );
}
