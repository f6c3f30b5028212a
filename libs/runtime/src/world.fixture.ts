import { createHash } from 'node:crypto';
import { type DecodedCommit, decodeCommit } from '@summit/events';
import { type LeaderMessage, readExecutorMessage } from '@summit/engine';
import { decodeGroup, MemoryJournal, MemoryJournalStore, type StoreFaults } from '@summit/journal';
import { type Clock, type Json, type Tracing } from '@summit/kernel';
import { MemoryObjectStore } from '@summit/objects';
import { type PolicyEngine, policyTwin, twinAllow } from '@summit/policy';
import { type App } from '@summit/sdk';
import { MemoryKeyStore, Vault } from '@summit/vault';
import { jest } from '@jest/globals';
import { Executor } from './executor/executor.ts';
import { type Answer, type Command, type CommandBody } from './leader/command.ts';
import { Leader } from './leader/leader.ts';
import { type ExecutorInbox, type ExecutorLink, type LeaderLink } from './link.ts';
import { silentLog } from './log.ts';
import { TokenBus } from './tokens/token-bus.ts';

export const TENANT = 'acme';

/** Time as the timers of the test have it. */
export const testClock: Clock = { now: () => Date.now(), monotonic: () => Date.now() };

/** Timers stand still until {@link World.pass}; turns of the event loop go on. */
export function holdTime(): void {
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'],
    now: 1e12,
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A network between one partition's leaders and its executors, of which any end can be cut off. */
class Net implements ExecutorLink {
  readonly inboxes = new Map<string, ExecutorInbox>();
  readonly cut = new Set<string>();
  leader: Leader | undefined;

  send(executor: string, message: LeaderMessage): void {
    if (this.cut.has(executor)) return;
    const text = JSON.stringify(message);
    queueMicrotask(() => this.inboxes.get(executor)?.receive(JSON.parse(text) as LeaderMessage));
  }

  broadcast(message: LeaderMessage): void {
    for (const id of this.inboxes.keys()) this.send(id, message);
  }

  readonly toLeaders: LeaderLink = {
    send: (_partition, message) => {
      if (this.cut.has(message.executor)) return;
      const text = JSON.stringify(message);
      queueMicrotask(() => this.leader?.receive(readExecutorMessage(JSON.parse(text))));
    },
    broadcast: (message) => {
      this.toLeaders.send(0, message);
    },
  };
}

/** Ids and salts that are the same in every run of a test. */
function numbers(seed: string): (bytes: number) => string {
  let n = 0;
  return (bytes) =>
    createHash('sha512')
      .update(`${seed} ${String(n++)}`)
      .digest('hex')
      .slice(0, bytes * 2);
}

export interface WorldOptions {
  readonly policy?: PolicyEngine;
  readonly faults?: StoreFaults;
  readonly objects?: MemoryObjectStore;
  readonly tracing?: Tracing;
  readonly maxBacklogBytes?: number;
}

/** One partition: its journal, its leaders one after another, executors that come and go. */
export class World {
  readonly journal = new MemoryJournal();
  readonly objects: MemoryObjectStore;
  readonly net = new Net();
  readonly vault = new Vault(new MemoryKeyStore());
  readonly tokens = new TokenBus();
  readonly answers: Answer[] = [];
  readonly #policy: PolicyEngine;
  readonly #faults: StoreFaults;
  readonly #tracing: Tracing | undefined;
  readonly #rest: Pick<WorldOptions, 'maxBacklogBytes'>;
  readonly #random = numbers('world');
  readonly #executors = new Map<string, Executor>();
  readonly #leaders: Leader[] = [];
  #commands = 0;

  constructor(options: WorldOptions = {}) {
    const { policy = policyTwin(() => twinAllow), faults = {}, objects, tracing, ...rest } = options;
    this.objects = objects ?? new MemoryObjectStore();
    this.#policy = policy;
    this.#faults = faults;
    this.#tracing = tracing;
    this.#rest = rest;
  }

  /** The partition is led anew; whoever led it before is not told. */
  lead(): Promise<Leader> {
    return this.during(this.#open());
  }

  async #open(): Promise<Leader> {
    const leader = await Leader.open({
      partition: 0,
      store: new MemoryJournalStore(this.journal, this.#faults),
      objects: this.objects,
      vault: this.vault,
      clock: testClock,
      random: this.#random,
      incarnation: `leader-${String(this.#leaders.length)}`,
      policy: this.#policy,
      link: this.net,
      log: silentLog,
      tracing: this.#tracing,
      ...this.#rest,
      onLost: () => undefined,
    });
    this.#leaders.push(leader);
    this.net.leader = leader;
    return leader;
  }

  executor(id: string, app: App): Executor {
    const link = this.net.toLeaders;
    const parts = { id, app, tenants: [TENANT], link, clock: testClock, log: silentLog };
    const executor = new Executor({ ...parts, tokens: this.tokens, tracing: this.#tracing });
    this.net.inboxes.set(id, executor);
    this.#executors.set(id, executor);
    executor.start();
    return executor;
  }

  /** Neither hears nor is heard any more, and its timers are dead. */
  kill(id: string): void {
    this.net.cut.add(id);
    this.net.inboxes.delete(id);
    this.#executors.get(id)?.stop();
  }

  /** Gives its runs back and goes. */
  leave(id: string): void {
    this.#executors.get(id)?.stop();
    this.net.inboxes.delete(id);
  }

  /** Milliseconds, with all that they bring. */
  async pass(ms: number, step = 20): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      jest.advanceTimersByTime(Math.min(step, left));
      await this.settle();
    }
  }

  async settle(turns = 4): Promise<void> {
    for (let i = 0; i < turns; i++) await turn();
  }

  /** Lets time pass until a promise is settled. */
  async during<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const end = (): void => {
      settled = true;
    };
    promise.then(end, end);
    await this.settle();
    await this.until(() => settled);
    return promise;
  }

  /** Lets time pass until it holds. */
  async until(holds: () => boolean, ms = 60_000): Promise<void> {
    for (let waited = 0; !holds(); waited += 20) {
      if (waited > ms) throw new Error('it did not come about in time');
      await this.pass(20);
    }
  }

  submit(body: CommandBody, overrides: Partial<Command> = {}): Answer[] {
    const heard: Answer[] = [];
    const commandId = `c${String(this.#commands++)}`;
    const command = { tenant: TENANT, user: 'alice', roles: [], commandId, body, trace: '', ...overrides };
    this.net.leader?.submit(command, (answer) => {
      heard.push(answer);
      this.answers.push(answer);
    });
    return heard;
  }

  /** Submits, waits for the answer, and gives it. */
  async answer(body: CommandBody, overrides: Partial<Command> = {}): Promise<Answer> {
    const heard = this.submit(body, overrides);
    await this.until(() => heard.length > 0);
    const [answer] = heard;
    if (!answer) throw new Error('no answer');
    return answer;
  }

  /** Starts a run; its id. */
  async start(workflow: string, input: Json, threadId = `t${String(this.#commands)}`): Promise<string> {
    const answer = await this.answer({ verb: 'run.start', threadId, workflow, input });
    if (!answer.ok) throw new Error(answer.error.message);
    return (answer.value as { runId: string }).runId;
  }

  /** Starts a run by a message; its id. */
  async say(workflow: string, message: string, threadId = `t${String(this.#commands)}`): Promise<string> {
    const input = { message };
    const answer = await this.answer({ verb: 'run.start', threadId, workflow, input, message });
    if (!answer.ok) throw new Error(answer.error.message);
    return (answer.value as { runId: string }).runId;
  }

  view(runId: string): Record<string, unknown> {
    let seen: Record<string, unknown> = {};
    this.net.leader?.query({ tenant: TENANT, runId }, (answer) => {
      seen = answer.ok ? (answer.value as Record<string, unknown>) : { status: answer.error.code };
    });
    return seen;
  }

  /** Waits until a run has ended; what it is then. */
  async ended(runId: string, ms?: number): Promise<Record<string, unknown>> {
    const ends = ['completed', 'failed', 'cancelled'];
    let view: Record<string, unknown> = {};
    const look = (): boolean => {
      const now = this.view(runId);
      if ('status' in now) view = now;
      return ends.includes(String(view['status']));
    };
    await this.until(look, ms);
    return view;
  }

  /** Waits until a run has ended, or waits for somebody to say what became of an effect. */
  async endedOrUnknown(runId: string): Promise<Record<string, unknown>> {
    let view: Record<string, unknown> = {};
    await this.until(() => {
      view = this.view(runId);
      const { status } = view;
      return status === 'waiting'
        ? String(view['waitingFor']).includes('unknown')
        : status !== 'running' && status !== 'pending' && status !== undefined;
    });
    return view;
  }

  /** Everything that is durable, in order. */
  commits(): DecodedCommit[] {
    return this.journal.groups.flatMap((bytes, i) =>
      decodeGroup(bytes, { partition: 0, sequence: i + 1 }).commits.map(({ line }) =>
        decodeCommit(0, line, this.vault),
      ),
    );
  }

  events(runId?: string): DecodedCommit['commit']['events'] {
    return this.commits().flatMap(({ commit }) =>
      runId === undefined || commit.entity.id === runId ? commit.events : [],
    );
  }

  close(): void {
    for (const executor of this.#executors.values()) executor.stop();
    for (const leader of this.#leaders) leader.stop('the test is over');
    jest.useRealTimers();
  }
}
