import { setTimeout as delay } from 'node:timers/promises';
import { errorRecord } from '@summit/kernel';
import { choosePort, endText, identityOf, type RunningServer } from '@summit/servers';
import { companionsOf, companionVariable } from './companions.ts';
import { makeService } from './service.ts';
import { type ServiceSpec, servicesOf } from './services.ts';
import type { StackPlan } from './stack-plan.ts';
import { type StackServer, type StackServerKind, serversOf } from './stack-servers.ts';
import { type ProcessState, removeStackState, type StackState, writeStackState } from './stack-state.ts';

/** After an end without being asked: wait so long, twice as long each time, at most {@link MAX_BACKOFF_MS}. */
const BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 30_000;
/** What has run so long before it ended starts afresh with the backoff. */
const STEADY_MS = 60_000;
/** Of the policy-gateway, where it is free and ports are not left to chance. */
const POLICY_PORT = 4010;
/** Of the transparency logs, likewise. */
const AUDIT_PORT = 4020;
/** Of the provenance-graph, likewise. */
const GRAPH_PORT = 4030;
/** How long {@link Supervisor.stop} waits for a start that is under way. */
const START_GRACE_MS = 10_000;

interface Entry {
  readonly server: RunningServer;
  readonly kind: ProcessState['kind'];
  readonly again: (() => Promise<void>) | undefined;
  health: ProcessState['health'];
  restarts: number;
  lastEnd: string | null;
}

/**
 * Runs a stack: servers, streams, services.
 *
 * Owns: the processes, the order of their start and end, the state file. Does not own: their data.
 * 1. Processes end in the order against that of their start; none is left when {@link stop} returns.
 * 2. What ends without being asked is started again, on the same port and data.
 * 3. The state file says at every moment what runs; it goes with the stack.
 */
export class Supervisor {
  readonly #plan: StackPlan;
  readonly #version: string;
  readonly #log: (line: string) => void;
  readonly #entries: Entry[] = [];
  readonly #stopping = new AbortController();
  readonly #startedAt = new Date().toISOString();
  #phase: StackState['phase'] = 'starting';
  #starting: Promise<void> = Promise.resolve();
  #comingUp: RunningServer | undefined;
  #stopped: Promise<void> | undefined;
  #message = 'starting';
  #error: StackState['error'];

  constructor(plan: StackPlan, { version, log }: { version: string; log: (line: string) => void }) {
    this.#plan = plan;
    this.#version = version;
    this.#log = log;
  }

  get state(): StackState {
    return {
      version: 1,
      phase: this.#phase,
      message: this.#message,
      ...(this.#error && { error: this.#error }),
      supervisor: identityOf(process.pid) ?? { pid: process.pid, started: 'unknown' },
      dataDir: this.#plan.dataDir,
      app: this.#plan.app ?? null,
      startedAt: this.#startedAt,
      processes: this.#entries.map(processState),
    };
  }

  /** Returns when all are ready. On failure everything is ended, the state says why, and the error is thrown. */
  async start(): Promise<void> {
    const starting = this.#startAll();
    this.#starting = starting.catch(() => undefined);
    await starting.catch((error: unknown) => this.#fail(error));
    await starting;
  }

  async #startAll(): Promise<void> {
    const servers: StackServer[] = [];
    for (const kind of serversOf(this.#plan)) servers.push(await this.#startServer(kind));
    const env = await this.#serviceEnvironment();
    const companions: Record<string, string> = {};
    for (const spec of companionsOf(this.#plan)) {
      const PORT = String(await choosePort(0));
      const { url } = await this.#startService(spec, servers, { ...env, ...companions, PORT });
      companions[companionVariable(spec.name)] = url;
    }
    const all = { ...env, ...companions };
    for (const spec of servicesOf(this.#plan)) await this.#startService(spec, servers, all);
    this.#goOn();
    this.#phase = 'up';
    this.#say('up');
  }

  async #startServer(kind: StackServerKind): Promise<StackServer> {
    this.#goOn();
    this.#say(`starting ${kind.name}`);
    const started = await kind.start(this.#plan, (line) => this.#say(line));
    this.#keep(started.server, 'server', started.again);
    await started.prepare();
    return started;
  }

  async #startService(
    spec: ServiceSpec,
    servers: readonly StackServer[],
    env: Record<string, string>,
  ): Promise<RunningServer> {
    this.#goOn();
    this.#say(`starting ${spec.name}`);
    const { dataDir } = this.#plan;
    const own = servers.reduce((all, server) => ({ ...all, ...server.env(spec) }), env);
    const service = makeService(spec, { dataDir, version: this.#version, env: own });
    this.#comingUp = service;
    await service.restart();
    this.#keep(service, 'service');
    return service;
  }

  async #serviceEnvironment(): Promise<Record<string, string>> {
    const { dataDir, app, partitions, tenant, apiPort, only } = this.#plan;
    return {
      SUMMIT_DATA: dataDir,
      SUMMIT_PARTITIONS: String(partitions),
      SUMMIT_TENANT: tenant,
      SUMMIT_API_PORT: String(await choosePort(apiPort)),
      SUMMIT_POLICY_PORT: String(await choosePort(apiPort === 0 ? 0 : POLICY_PORT)),
      ...(only !== 'core' && {
        SUMMIT_AUDIT_PORT: String(await choosePort(apiPort === 0 ? 0 : AUDIT_PORT)),
        SUMMIT_GRAPH_PORT: String(await choosePort(apiPort === 0 ? 0 : GRAPH_PORT)),
      }),
      ...(app !== undefined && { SUMMIT_APP: app }),
    };
  }

  #keep(server: RunningServer, kind: ProcessState['kind'], again?: Entry['again']): void {
    const entry: Entry = { server, kind, again, health: 'healthy', restarts: 0, lastEnd: null };
    this.#entries.push(entry);
    this.#write();
    void this.#watch(entry);
  }

  /** Invariant 2. */
  async #watch(entry: Entry): Promise<void> {
    let backoff = BACKOFF_MS;
    for (;;) {
      const since = performance.now();
      entry.lastEnd = endText(await entry.server.ended());
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - since > STEADY_MS) backoff = BACKOFF_MS;
      entry.health = 'restarting';
      this.#say(`${entry.server.name} ended (${entry.lastEnd}), starting it again in ${String(backoff)} ms`);
      await this.#restart(entry, backoff);
      backoff = Math.min(backoff * 2, MAX_BACKOFF_MS);
    }
  }

  async #restart(entry: Entry, backoff: number): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await delay(backoff, undefined, { signal });
      entry.restarts += 1;
      await entry.server.restart();
      await entry.again?.();
      entry.health = 'healthy';
      this.#say(`${entry.server.name} runs again`);
    } catch (error) {
      if (!signal.aborted) this.#say(errorRecord(error).message);
    }
    if (signal.aborted) await entry.server.stop();
  }

  #goOn(): void {
    this.#stopping.signal.throwIfAborted();
  }

  /** Invariant 1. A start that is under way is ended; what else it still brings is ended by its watchdog. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('asked to stop'));
    await this.#comingUp?.stop();
    await Promise.race([this.#starting, delay(START_GRACE_MS, undefined, { ref: false })]);
    this.#stopped ??= this.#stopAll();
    await this.#stopped;
  }

  async #stopAll(): Promise<void> {
    if (this.#phase !== 'failed') this.#phase = 'stopping';
    for (const entry of this.#entries.toReversed()) {
      this.#say(`stopping ${entry.server.name}`);
      await entry.server.stop();
      entry.health = 'stopped';
    }
    if (this.#phase === 'stopping') removeStackState(this.#plan.dataDir);
  }

  async #fail(error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { code, message, next } = errorRecord(error);
    this.#phase = 'failed';
    this.#error = { code, message, ...(next !== undefined && { next }) };
    this.#stopping.abort(error);
    await this.#stopAll();
    this.#log(message);
    this.#say('failed');
  }

  #say(line: string): void {
    this.#message = line;
    this.#log(line);
    this.#write();
  }

  #write(): void {
    writeStackState(this.state);
  }
}

function processState({ server, kind, health, restarts, lastEnd }: Entry): ProcessState {
  const { name, role, pid, url, urls, version, logFile } = server;
  return {
    name,
    role,
    kind,
    pid: pid ?? null,
    url: url === '' ? null : url,
    ...(urls && { urls }),
    version,
    health,
    restarts,
    lastEnd,
    logFile: logFile ?? null,
    identity: pid === undefined ? null : (identityOf(pid) ?? null),
  };
}
