import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { natsComponent } from '../find/catalogue.ts';
import type { Progress } from '../find/component.ts';
import { provide } from '../find/locate.ts';
import { LocalServer } from '../process/local-server.ts';
import { choosePort } from '../process/ports.ts';
import { ServerProcess } from '../process/server-process.ts';
import type { RunningServer } from '../running-server.ts';
import { externalServer } from '../external-server.ts';
import {
  type NatsClient,
  type NatsPasswords,
  type NatsUser,
  natsEnvironment,
  natsPasswords,
  writeNatsConfig,
} from './nats-config.ts';
import { withUser } from './nats-url.ts';

export interface NatsCluster {
  readonly name: string;
  /** The port on which the other servers of the cluster connect. */
  readonly port: number;
  /** `nats://127.0.0.1:port` of each member. */
  readonly routes: readonly string[];
}

export interface StartNats {
  /** Holds store, configuration, passwords and log. */
  readonly dataDir: string;
  /** Taken where it is free, else another is chosen. */
  readonly port?: number;
  readonly name?: string;
  /** Added to the configuration, in nats-server's own syntax. */
  readonly config?: string;
  /** The user of connections without a password; default `local`, who may do everything. */
  readonly anonymous?: NatsUser;
  /** Users of applications, besides the deployment's own. */
  readonly clients?: readonly NatsClient[];
  readonly cluster?: NatsCluster;
  /** Where the passwords are kept; a cluster shares them. Default `dataDir`. */
  readonly passwordDir?: string;
  readonly progress?: Progress;
}

export interface NatsServer extends RunningServer {
  /** `http://…`: `/varz`, `/jsz` and kin; undefined where it was not started here. */
  readonly monitorUrl: string | undefined;
  /** The URL with a user's name and password in it; the plain URL where it was not started here. */
  urlAs(user: NatsUser): string;
}

const READY_MS = 20_000;

/**
 * Starts a nats-server with JetStream that syncs every write, or takes the one that `SUMMIT_NATS_URL` names.
 * Loopback only. Throws `SERVER_UNAVAILABLE`, `SERVER_NOT_READY`, `DATA_DIR_IN_USE`.
 */
export async function startNats(options: StartNats): Promise<NatsServer> {
  const provided = await provide(natsComponent, options.progress);
  if (provided.way === 'url') {
    const { url, variable } = provided;
    return Object.assign(externalServer({ name: 'nats', role: 'bus', url, variable }), {
      monitorUrl: undefined,
      urlAs: () => url,
    });
  }
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const passwords = natsPasswords(options.passwordDir ?? dataDir);
  const server = new LocalNats({ ...options, dataDir }, provided, passwords);
  await server.start();
  return server;
}

/** A nats-server of ours. Ports stay the same over {@link restart}; they are chosen at the first start. */
class LocalNats extends LocalServer implements NatsServer {
  readonly role = 'bus';
  readonly name: string;
  readonly version: string;
  readonly logFile: string;
  readonly #options: StartNats;
  readonly #program: string;
  readonly #passwords: NatsPasswords;
  #ports = { client: 0, monitor: 0 };

  constructor(options: StartNats, found: { program: string; version: string }, passwords: NatsPasswords) {
    super();
    this.name = options.name ?? 'nats';
    this.version = found.version;
    this.logFile = join(options.dataDir, 'nats-server.log');
    this.#options = options;
    this.#program = found.program;
    this.#passwords = passwords;
  }

  get url(): string {
    return `nats://127.0.0.1:${String(this.#ports.client)}`;
  }

  get monitorUrl(): string {
    return `http://127.0.0.1:${String(this.#ports.monitor)}`;
  }

  urlAs(user: NatsUser): string {
    return withUser(this.url, user, this.#passwords[user]);
  }

  protected override async newProcess(): Promise<ServerProcess> {
    this.#ports = { client: await choosePort(this.#options.port), monitor: await choosePort() };
    const { dataDir, config = '', anonymous = 'local', clients } = this.#options;
    return new ServerProcess({
      name: this.name,
      program: this.#program,
      args: ['-c', writeNatsConfig(dataDir, config, clients), ...this.#flags()],
      cwd: dataDir,
      env: { ...natsEnvironment(this.#passwords, anonymous), GOMAXPROCS: goThreads() },
      logFile: this.logFile,
      processFile: join(dataDir, 'nats.process.json'),
      isReady: () => isHealthy(this.monitorUrl, this.#options.cluster !== undefined),
      readyMs: READY_MS,
      stopSignal: 'SIGTERM',
      stopMs: 10_000,
    });
  }

  #flags(): string[] {
    const { dataDir, cluster } = this.#options;
    const { client, monitor } = this.#ports;
    const flags = ['-a', '127.0.0.1', '-p', String(client), '-m', String(monitor), '-n', this.name];
    flags.push('-sd', join(dataDir, 'jetstream'));
    if (!cluster) return flags;
    const listen = `nats://127.0.0.1:${String(cluster.port)}`;
    return [
      ...flags,
      '--cluster_name',
      cluster.name,
      '--cluster',
      listen,
      '--routes',
      cluster.routes.join(','),
    ];
  }
}

/**
 * Half of the machine's processors: whoever writes the journal works on the same machine, and Go's idle threads look
 * for work before they sleep (two of them cost a step on two processors a quarter more of the server's time than one).
 */
function goThreads(): string {
  return process.env['GOMAXPROCS'] ?? String(Math.max(1, availableParallelism() >> 1));
}

/** A member of a cluster is taken as ready when it serves; {@link startNatsCluster} waits for the quorum. */
async function isHealthy(monitorUrl: string, member: boolean): Promise<boolean> {
  const path = member ? '/healthz?js-server-only=true' : '/healthz';
  const response = await fetch(monitorUrl + path, { signal: AbortSignal.timeout(2_000) });
  return response.ok;
}

/** The URL of a server that was started on a data directory, as one of its users: for those who may read there. */
export function natsUrlAs(url: string, dataDir: string, user: NatsUser): string {
  return withUser(url, user, natsPasswords(dataDir)[user]);
}
