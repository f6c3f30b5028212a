import { waitFor } from './wait-for.ts';
import type { ProcessEnd, ServerProcess } from './server-process.ts';

/** Texts of the servers' logs that mean: another process took the chosen port meanwhile. */
const PORT_LOST = /address already in use|could not bind|Address .* is already in use/i;
/** A killed PostgreSQL's children live on for a moment and hold its memory. */
const STILL_HELD = /pre-existing shared memory block/;

/**
 * What all servers of ours share: a process that can be killed and started again on the same ports and data.
 * Ports are chosen at the first start, anew where another process takes one before the server does.
 */
export abstract class LocalServer {
  #process: ServerProcess | undefined;

  /** Chooses ports and describes the process that listens on them. */
  protected abstract newProcess(): Promise<ServerProcess>;

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#process = await this.newProcess();
      try {
        await this.#process.start();
        return;
      } catch (error) {
        if (attempt === 3 || !says(error, PORT_LOST)) throw error;
      }
    }
  }

  async ended(): Promise<ProcessEnd> {
    return (await this.#process?.ended) ?? { code: null, signal: null };
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#process?.kill(signal);
  }

  async restart(): Promise<void> {
    await this.stop();
    const start = async (): Promise<true | undefined> => {
      try {
        await this.#process?.start();
        return true;
      } catch (error) {
        if (says(error, STILL_HELD)) return undefined;
        throw error;
      }
    };
    const started = await waitFor(start, { deadlineMs: 10_000, everyMs: 200 });
    if (!started) await this.#process?.start();
  }
}

function says(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.message);
}
