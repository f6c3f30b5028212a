import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isObject } from '@summit/kernel';
import { externalServer } from '../external-server.ts';
import { neo4jComponent } from '../find/catalogue.ts';
import type { Progress } from '../find/component.ts';
import { provide } from '../find/locate.ts';
import { LocalServer } from '../process/local-server.ts';
import { choosePort } from '../process/ports.ts';
import { ServerProcess } from '../process/server-process.ts';
import type { RunningServer } from '../running-server.ts';

export interface StartNeo4j {
  /** Holds configuration, data, password and logs. */
  readonly dataDir: string;
  /** Taken where they are free, else others are chosen. */
  readonly boltPort?: number;
  readonly httpPort?: number;
  /** Megabytes of Java heap; default 512. */
  readonly heapMb?: number;
  readonly progress?: Progress;
}

export interface Neo4jServer extends RunningServer {
  readonly user: string;
  readonly password: string;
  /** Neo4j Browser; undefined where it was not started here. */
  readonly browserUrl: string | undefined;
}

const USER = 'neo4j';
/** A user's first password; the server wants it changed. */
const FIRST_PASSWORD = 'neo4j';
const READY_MS = 120_000;

/**
 * Starts a Neo4j Community with Browser, or takes the one that `SUMMIT_NEO4J_URL` (`neo4j://user:password@host:port`)
 * names. Loopback only. Throws `SERVER_UNAVAILABLE`, `SERVER_NOT_READY`, `DATA_DIR_IN_USE`.
 */
export async function startNeo4j(options: StartNeo4j): Promise<Neo4jServer> {
  const provided = await provide(neo4jComponent, options.progress);
  if (provided.way === 'url') {
    const { protocol, host, username, password } = new URL(provided.url);
    const url = `${protocol}//${host}`;
    const server = externalServer({ name: 'neo4j', role: 'lineage', url, variable: provided.variable });
    const credentials = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    return Object.assign(server, { ...credentials, browserUrl: undefined });
  }
  const dataDir = resolve(options.dataDir);
  const server = new LocalNeo4j({ ...options, dataDir }, provided, passwordOf(dataDir));
  await server.start();
  return server;
}

function passwordOf(dataDir: string): string {
  const file = join(dataDir, 'password');
  mkdirSync(dataDir, { recursive: true });
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const password = randomBytes(16).toString('hex');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    return password;
  }
}

class LocalNeo4j extends LocalServer implements Neo4jServer {
  readonly name = 'neo4j';
  readonly role = 'lineage';
  readonly user = USER;
  readonly password: string;
  readonly version: string;
  readonly logFile: string;
  readonly #options: StartNeo4j;
  readonly #program: string;
  #ports = { bolt: 0, http: 0 };

  constructor(options: StartNeo4j, found: { program: string; version: string }, password: string) {
    super();
    this.password = password;
    this.version = found.version;
    this.logFile = join(options.dataDir, 'neo4j.log');
    this.#options = options;
    this.#program = found.program;
  }

  get url(): string {
    return `bolt://127.0.0.1:${String(this.#ports.bolt)}`;
  }

  get browserUrl(): string {
    return `${this.#http}/browser/`;
  }

  get #http(): string {
    return `http://127.0.0.1:${String(this.#ports.http)}`;
  }

  protected override async newProcess(): Promise<ServerProcess> {
    const { dataDir, boltPort, httpPort, heapMb = 512 } = this.#options;
    this.#ports = { bolt: await choosePort(boltPort), http: await choosePort(httpPort) };
    const conf = join(dataDir, 'conf');
    mkdirSync(conf, { recursive: true });
    writeFileSync(join(conf, 'neo4j.conf'), this.#configuration());
    return new ServerProcess({
      name: this.name,
      program: this.#program,
      args: [`--home-dir=${dataDir}`, `--config-dir=${conf}`],
      cwd: dataDir,
      env: { JAVA_OPTS: `-Xms${String(heapMb)}m -Xmx${String(heapMb)}m` },
      logFile: this.logFile,
      processFile: join(dataDir, 'neo4j.process.json'),
      isReady: () => this.#answers(),
      readyMs: READY_MS,
      stopSignal: 'SIGTERM',
      stopMs: 60_000,
    });
  }

  #configuration(): string {
    const bolt = `127.0.0.1:${String(this.#ports.bolt)}`;
    return [
      'server.default_listen_address=127.0.0.1',
      `server.bolt.listen_address=${bolt}`,
      `server.bolt.advertised_address=${bolt}`,
      `server.http.listen_address=127.0.0.1:${String(this.#ports.http)}`,
      'server.https.enabled=false',
      'dbms.usage_report.enabled=false',
      '',
    ].join('\n');
  }

  /** Answers a query with our password; at the first start the first password is changed into it. */
  async #answers(): Promise<boolean> {
    if (await this.#runs('neo4j', this.password, 'RETURN 1')) return true;
    const change = 'ALTER CURRENT USER SET PASSWORD FROM $first TO $ours';
    await this.#runs('system', FIRST_PASSWORD, change, { first: FIRST_PASSWORD, ours: this.password });
    return false;
  }

  async #runs(database: string, password: string, statement: string, parameters = {}): Promise<boolean> {
    const response = await fetch(`${this.#http}/db/${database}/tx/commit`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${USER}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ statements: [{ statement, parameters }] }),
      signal: AbortSignal.timeout(5_000),
    });
    const answer: unknown = await response.json();
    return (
      response.ok && isObject(answer) && Array.isArray(answer['errors']) && answer['errors'].length === 0
    );
  }
}
