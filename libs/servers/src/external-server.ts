import { serverNotOurs } from './errors.ts';
import type { RunningServer } from './running-server.ts';

export interface External {
  readonly name: string;
  readonly role: string;
  readonly url: string;
  /** The variable that names it. */
  readonly variable: string;
}

/** A server that runs elsewhere: it is used, never ended. */
export function externalServer({ name, role, url, variable }: External): RunningServer {
  const notOurs = (): Promise<never> => Promise.reject(serverNotOurs(name, variable));
  return {
    name,
    role,
    url,
    pid: undefined,
    version: `as ${variable} names it`,
    logFile: undefined,
    ended: () => new Promise(() => undefined),
    stop: () => Promise.resolve(),
    kill: notOurs,
    restart: notOurs,
  };
}
