/**
 * A partition in memory with a leader and an executor: the runtime's own, over the twins of journal and stores.
 *
 * Owns: both of them, the clock, the fold of the journal. Does not own: what is asked of the run, the answers.
 */
import {
  type Dispatch,
  emptyPartition,
  evolvePartition,
  type LeaderMessage,
  type PartitionState,
  type RunState,
} from '@summit/engine';
import { decodeGroup, MemoryJournal, MemoryJournalStore } from '@summit/journal';
import { type Json, TerminalError } from '@summit/kernel';
import { MemoryObjectStore, readCommit } from '@summit/objects';
import { type PolicyEngine } from '@summit/policy';
import { type CommandBody, Executor, InProcessLink, Leader, silentLog } from '@summit/runtime';
import { type App } from '@summit/sdk';
import { MemoryKeyStore, randomHex, Vault } from '@summit/vault';
import { SkipClock } from './skip-clock.ts';

export const TENANT = 'acme';
const PARTITION = 0;
/** Turns of the event loop without a commit, after which nothing is on the way between leader and executor. */
const STILL = 12;

export interface Person {
  readonly name: string;
  readonly roles: readonly string[];
}

export class House {
  readonly clock = new SkipClock();
  readonly #journal = new MemoryJournal();
  readonly #objects = new MemoryObjectStore();
  readonly #vault = new Vault(new MemoryKeyStore());
  readonly #link = new InProcessLink();
  readonly #state: PartitionState = emptyPartition(PARTITION);
  /** Runs leave the state when they end; their fold is done in place. */
  readonly #runs = new Map<string, RunState>();
  readonly #dispatches = new Map<string, Dispatch>();
  #leader: Leader | undefined;
  #executor: Executor | undefined;
  #folded = 0;

  /** Ready when the app's workflows and tools are registered. */
  static async open(app: App, policy: PolicyEngine): Promise<House> {
    const house = new House();
    await house.#lead(policy);
    house.#serve(app);
    await house.still();
    return house;
  }

  async #lead(policy: PolicyEngine): Promise<void> {
    this.#leader = await Leader.open({
      partition: PARTITION,
      store: new MemoryJournalStore(this.#journal),
      objects: this.#objects,
      vault: this.#vault,
      policy,
      link: this.#link,
      clock: this.clock,
      random: randomHex,
      incarnation: 'leader',
      log: silentLog,
      onLost: () => undefined,
    });
    this.#link.joinLeader(PARTITION, this.#leader);
  }

  #serve(app: App): void {
    const { clock } = this;
    const parts = { id: 'executor', app, tenants: [TENANT], clock, log: silentLog };
    const executor = new Executor({ ...parts, link: this.#link.toLeaders });
    this.#executor = executor;
    this.#link.joinExecutor(executor.id, {
      receive: (message) => {
        this.#overhear(message);
        executor.receive(message);
      },
    });
    executor.start();
  }

  #overhear({ updates }: LeaderMessage): void {
    for (const { runId, dispatch } of updates) if (dispatch) this.#dispatches.set(runId, dispatch);
  }

  /** What a run was given to its executor with. */
  dispatch(runId: string): Dispatch | undefined {
    return this.#dispatches.get(runId);
  }

  /** A command's answer. Throws with the code of its refusal. */
  async submit(body: CommandBody, { name, roles }: Person): Promise<Json> {
    const command = { tenant: TENANT, user: name, roles, commandId: randomHex(8), trace: '', body };
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    this.#leader?.submit(command, (answer) => {
      if (answer.ok) resolve(answer.value);
      else reject(new TerminalError(answer.error.code, answer.error.message, answer.error.next ?? ''));
    });
    return promise;
  }

  /** A run as the journal tells it, to its end. */
  async run(runId: string): Promise<RunState | undefined> {
    await this.#fold();
    return this.#runs.get(runId);
  }

  /** A thread's state as the journal tells it. */
  async threadState(thread: string): Promise<Json> {
    await this.#fold();
    const found = [...this.#state.threads.values()].find(({ threadId }) => threadId === thread);
    return found?.state ?? {};
  }

  async #fold(): Promise<void> {
    for (; this.#folded < this.#journal.groups.length; this.#folded++) {
      const bytes = this.#journal.groups[this.#folded] ?? new Uint8Array();
      const group = decodeGroup(bytes, { partition: PARTITION, sequence: this.#folded + 1 });
      for (const { line, digest } of group.commits) {
        const reading = { partition: PARTITION, opener: this.#vault, objects: this.#objects };
        const { commit } = await readCommit(line, reading);
        evolvePartition(this.#state, commit, digest);
        const run = this.#state.runs.get(commit.entity.id);
        if (run) this.#runs.set(run.runId, run);
      }
    }
  }

  /** Until nothing is on the way between leader and executor; attempts may be under way all the same. */
  async still(): Promise<void> {
    let groups = -1;
    for (let quiet = 0; quiet < STILL; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#journal.groups.length !== groups) quiet = 0;
      groups = this.#journal.groups.length;
    }
  }

  close(): void {
    this.#executor?.stop();
    this.#leader?.stop('the test is over');
  }
}
