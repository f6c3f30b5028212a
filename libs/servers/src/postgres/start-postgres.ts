import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { externalServer } from '../external-server.ts';
import { postgresComponent } from '../find/catalogue.ts';
import type { Progress } from '../find/component.ts';
import { provide } from '../find/locate.ts';
import { runClient } from '../find/run-program.ts';
import { LocalServer } from '../process/local-server.ts';
import { choosePort } from '../process/ports.ts';
import { ServerProcess } from '../process/server-process.ts';
import type { RunningServer } from '../running-server.ts';
import { type Unprivileged, unprivileged } from './unprivileged.ts';

export interface StartPostgres {
  /** Holds the cluster, its password and its log. */
  readonly dataDir: string;
  /** Taken where it is free, else another is chosen. */
  readonly port?: number;
  /** Server settings, as `postgres -c` takes them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly progress?: Progress;
}

export interface PostgresServer extends RunningServer {
  /** The URL of another database on this server. */
  urlOf(database: string): string;
  /** Makes an empty database where it is missing, and answers its URL: tests isolate themselves by name. */
  createDatabase(name: string): Promise<string>;
}

const USER = 'summit';
const READY_MS = 60_000;

/**
 * Starts a PostgreSQL (made at the first start), or takes the one that `SUMMIT_POSTGRES_URL` names. Loopback only,
 * every commit synced. Throws `SERVER_UNAVAILABLE`, `SERVER_NOT_READY`, `DATA_DIR_IN_USE`, `POSTGRES_NEEDS_USER`.
 */
export async function startPostgres(options: StartPostgres): Promise<PostgresServer> {
  const provided = await provide(postgresComponent, options.progress);
  if (provided.way === 'url') {
    const { url, variable } = provided;
    const server = externalServer({ name: 'postgres', role: 'read models', url, variable });
    return Object.assign(server, {
      urlOf: (database: string) => withDatabase(url, database),
      createDatabase: (name: string) => createDatabase(url, name),
    });
  }
  const dataDir = resolve(options.dataDir);
  const as = unprivileged(provided.program);
  const password = await makeCluster(dataDir, provided.program, as);
  const server = new LocalPostgres({ ...options, dataDir }, { ...provided, as, password });
  await server.start();
  return server;
}

interface Made {
  readonly program: string;
  readonly version: string;
  readonly as: Unprivileged;
  readonly password: string;
}

/** Makes the cluster in a draft first, so that an interrupted start leaves none that is half made. */
async function makeCluster(dataDir: string, program: string, as: Unprivileged): Promise<string> {
  const cluster = join(dataDir, 'cluster');
  const passwordFile = join(dataDir, 'password');
  if (existsSync(cluster)) return readFileSync(passwordFile, 'utf8').trim();
  mkdirSync(dataDir, { recursive: true });
  as.own(dataDir);
  const draft = join(dataDir, 'draft');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, `${randomBytes(16).toString('hex')}\n`, { mode: 0o600 });
  as.own(passwordFile);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const auth = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`];
  const [command = '', ...args] = [
    ...as.prefix,
    join(dirname(program), 'initdb'),
    `--pgdata=${draft}`,
    ...auth,
    ...locale,
  ];
  await runClient(command, args, { cwd: dataDir, ...as.user });
  renameSync(draft, cluster);
  return readFileSync(passwordFile, 'utf8').trim();
}

class LocalPostgres extends LocalServer implements PostgresServer {
  readonly name = 'postgres';
  readonly role = 'read models';
  readonly version: string;
  readonly logFile: string;
  readonly #options: StartPostgres;
  readonly #made: Made;
  #port = 0;

  constructor(options: StartPostgres, made: Made) {
    super();
    this.version = made.version;
    this.logFile = join(options.dataDir, 'postgres.log');
    this.#options = options;
    this.#made = made;
  }

  get url(): string {
    return this.urlOf('postgres');
  }

  urlOf(database: string): string {
    return `postgres://${USER}:${this.#made.password}@127.0.0.1:${String(this.#port)}/${database}`;
  }

  createDatabase(name: string): Promise<string> {
    return createDatabase(this.url, name);
  }

  protected override async newProcess(): Promise<ServerProcess> {
    this.#port = await choosePort(this.#options.port);
    const { dataDir } = this.#options;
    const { program, as } = this.#made;
    const [command = '', ...args] = [
      ...as.prefix,
      program,
      '-D',
      join(dataDir, 'cluster'),
      ...this.#settings(),
    ];
    return new ServerProcess({
      name: this.name,
      program: command,
      args,
      cwd: dataDir,
      ...(as.user && { user: as.user }),
      logFile: this.logFile,
      processFile: join(dataDir, 'postgres.process.json'),
      isReady: () => answers(this.url),
      readyMs: READY_MS,
      // Fast shutdown: sessions are ended, nothing is lost.
      stopSignal: 'SIGINT',
      stopMs: 30_000,
    });
  }

  #settings(): string[] {
    const settings = {
      port: String(this.#port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ...this.#options.settings,
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }
}

function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function createDatabase(url: string, name: string): Promise<string> {
  await connected(url, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  });
  return withDatabase(url, name);
}

async function answers(url: string): Promise<boolean> {
  const result = await connected(url, (client) => client.query('SELECT 1'));
  return result.rowCount === 1;
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A server that ends takes its connections along; whoever waits for an answer is told by the call itself.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
