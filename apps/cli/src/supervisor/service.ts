import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessEnd, repositoryRoot, type RunningServer, ServerProcess } from '@summit/servers';
import { z } from 'zod';
import type { ServiceSpec } from './services.ts';

const READY_MS = 60_000;
const STOP_MS = 15_000;

export interface StartService {
  readonly dataDir: string;
  readonly version: string;
  /** Added to the service's own. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A service that does not run yet: its `restart` starts it and waits for the ready line, and throws
 * `SERVER_NOT_READY`; a `stop` meanwhile ends that start.
 */
export function makeService(spec: ServiceSpec, options: StartService): RunningServer {
  return new Service(spec, options);
}

/** One service as a process; its output goes to its log, where the ready line is looked for. */
class Service implements RunningServer {
  readonly name: string;
  readonly role: string;
  readonly version: string;
  readonly logFile: string;
  readonly #process: ServerProcess;
  #said: ReadyLine = { url: '' };
  /** Where the log of this start begins. */
  #logStart = 0;

  constructor(
    { name, role, command, env, cwd = repositoryRoot }: ServiceSpec,
    { dataDir, version, env: more }: StartService,
  ) {
    this.name = name;
    this.role = role;
    this.version = version;
    this.logFile = join(dataDir, 'logs', `${name}.log`);
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    const [program = '', ...args] = command;
    this.#process = new ServerProcess({
      name,
      program: program === 'node' ? process.execPath : program,
      args,
      cwd,
      env: { ...more, ...env, SUMMIT_SERVICE: name },
      logFile: this.logFile,
      processFile: join(dataDir, 'pids', `${name}.json`),
      isReady: () => Promise.resolve(this.#seesReadyLine()),
      readyMs: READY_MS,
      stopSignal: 'SIGTERM',
      stopMs: STOP_MS,
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get url(): string {
    return this.#said.url;
  }

  get urls(): Readonly<Record<string, string>> | undefined {
    return this.#said.urls;
  }

  ended(): Promise<ProcessEnd> {
    return this.#process.ended;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(signal: NodeJS.Signals): Promise<void> {
    return this.#process.kill(signal);
  }

  async restart(): Promise<void> {
    await this.#process.stop();
    this.#logStart = sizeOf(this.logFile);
    await this.#process.start();
  }

  #seesReadyLine(): boolean {
    const said = readFileSync(this.logFile).subarray(this.#logStart).toString('utf8');
    const ready = said.split('\n').map(readyLine).find(Boolean);
    if (ready) this.#said = ready;
    return ready !== undefined;
  }
}

const readySchema = z.object({
  ready: z.literal(true),
  url: z.string().default(''),
  /** What else listens in the process, by name. */
  urls: z.record(z.string(), z.string()).optional(),
});
type ReadyLine = Omit<z.infer<typeof readySchema>, 'ready'>;

/** `{"ready":true,"name":…,"url":…}`; undefined for every other line. */
export function readyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{') || !line.includes('"ready"')) return undefined;
  try {
    const said = readySchema.safeParse(JSON.parse(line)).data;
    return said && { url: said.url, ...(said.urls && { urls: said.urls }) };
  } catch {
    return undefined;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
