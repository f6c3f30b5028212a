import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { serverNotReady } from '../errors.ts';
import { clearProcessFile, writeProcessFile } from './process-file.ts';
import { waitFor } from './wait-for.ts';
import { Watchdog } from './watchdog.ts';

/** How a program is started and recognised as ready. */
export interface ServerSpec {
  /** In messages: `nats`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** stdout and stderr are appended here. */
  readonly logFile: string;
  /** Says while it runs that the directory is taken. */
  readonly processFile: string;
  /** Answers true once the server really serves; false or a throw means not yet. */
  readonly isReady: () => Promise<boolean>;
  readonly readyMs: number;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly stopMs: number;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * One server as a child process.
 *
 * Owns: the process, its watchdog, its process file. Does not own: the data, the port.
 * 1. At most one child at a time, and none after {@link stop}.
 * 2. The child is in a session of its own: Ctrl-C reaches the parent alone, which ends it in order.
 * 3. When this process dies, however it dies, the watchdog ends the child; when both die at once, the next
 *    start on the same directory does.
 */
export class ServerProcess {
  readonly #spec: ServerSpec;
  #child: ChildProcess | undefined;
  #watchdog: Watchdog | undefined;
  #ended: Promise<ProcessEnd> = Promise.resolve({ code: null, signal: null });

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  /** The child's process id; undefined while none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Settles when the child that runs now has ended and its watchdog with it. */
  get ended(): Promise<ProcessEnd> {
    return this.#ended;
  }

  /** Throws `SERVER_NOT_READY` with the end of its log, `DATA_DIR_IN_USE`; nothing stays behind then. */
  async start(): Promise<void> {
    const { name, logFile, processFile, readyMs, isReady } = this.#spec;
    await clearProcessFile(processFile);
    const child = await this.#spawn();
    let end: ProcessEnd | undefined;
    void this.#ended.then((how) => (end = how));
    const look = async (): Promise<'ready' | 'ended' | undefined> => {
      if (end) return 'ended';
      return (await isReady().catch(() => false)) && this.#child === child ? 'ready' : undefined;
    };
    const seen = await waitFor(look, { deadlineMs: readyMs });
    if (seen === 'ready') return;
    await this.stop();
    const reason = end ? `ended at start (${endText(end)})` : `was not ready after ${String(readyMs)} ms`;
    throw serverNotReady(name, reason, logFile);
  }

  async #spawn(): Promise<ChildProcess> {
    const { program, args, cwd, env, user, logFile, processFile, stopSignal, stopMs } = this.#spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn(program, args, {
      cwd,
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
      ...user,
    });
    closeSync(log);
    this.#ended = endOf(child).then(async (how) => {
      await this.#forget();
      return how;
    });
    await spawned(child, this.#spec);
    if (child.pid === undefined) throw serverNotReady(this.#spec.name, 'has no process id', logFile);
    writeProcessFile(processFile, child.pid);
    this.#child = child;
    this.#watchdog = new Watchdog({ pid: child.pid, stopSignal, stopMs, stateFile: processFile });
    return child;
  }

  /** The stop signal, a deadline, SIGKILL; returns when it is gone. Does nothing where none runs. */
  async stop(): Promise<void> {
    const { stopSignal, stopMs } = this.#spec;
    this.#child?.kill(stopSignal);
    const hard = setTimeout(() => this.#child?.kill('SIGKILL'), stopMs);
    await this.#ended;
    clearTimeout(hard);
  }

  /** Sends a signal and returns when the process is gone: for SIGKILL, and for signals that end it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#ended;
  }

  async #forget(): Promise<void> {
    this.#child = undefined;
    rmSync(this.#spec.processFile, { force: true });
    const watchdog = this.#watchdog;
    this.#watchdog = undefined;
    await watchdog?.release();
  }
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function spawned(child: ChildProcess, { name, program, logFile }: ServerSpec): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(serverNotReady(name, `could not be started as ${program}: ${cause.message}`, logFile, cause));
    });
  });
}

export function endText({ code, signal }: ProcessEnd): string {
  return signal === null ? `exit status ${String(code ?? 'unknown')}` : `signal ${signal}`;
}
