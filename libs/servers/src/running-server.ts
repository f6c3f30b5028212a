import type { ProcessEnd } from './process/server-process.ts';

/** A server that runs, started here or named by environment. */
export interface RunningServer {
  readonly name: string;
  /** What it is for: `bus`, `read models`. */
  readonly role: string;
  readonly url: string;
  /** What else listens in it, by name. */
  readonly urls?: Readonly<Record<string, string>> | undefined;
  /** Changes with {@link restart}; undefined while it is down, and always where it was not started here. */
  readonly pid: number | undefined;
  readonly version: string;
  /** Its own log; undefined where it was not started here. */
  readonly logFile: string | undefined;
  /** Settles when the process that runs now has ended; never where it was not started here. */
  ended(): Promise<ProcessEnd>;
  /** Ends it in order, SIGKILL after a deadline. Does nothing where it was not started here. */
  stop(): Promise<void>;
  /** Sends a signal and returns when the process is gone. Throws `SERVER_NOT_OURS`. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it where it still runs, starts it again: same port, same data. Throws `SERVER_NOT_OURS`. */
  restart(): Promise<void>;
}
