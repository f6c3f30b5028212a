import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { waitFor } from '@summit/servers';
import { z } from 'zod';

/** How long a call may take to come, milliseconds. */
const PATIENCE_MS = 60_000;
/** When a call came is measured where it comes in: looks may be further apart. */
const LOOK_MS = 5;

const said = z.object({ label: z.string(), i: z.int(), pid: z.int() });

/** A call of the tool `bench.call`. */
export interface Call extends z.infer<typeof said> {
  /** When it came, by this process's monotonic clock. */
  readonly at: number;
  /** The same by the machine's clock, milliseconds since 1970. */
  readonly date: number;
  /** Lets it end. */
  readonly answer: () => void;
}

/** The other side of the effects of `bench/app`: sees every call, and answers it when it is told to. */
export class Outside implements AsyncDisposable {
  readonly #calls: Call[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async open(): Promise<Outside> {
    const outside = new Outside();
    await once(outside.#server.listen(0, '127.0.0.1'), 'listening');
    return outside;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}/`;
  }

  /** The first call that came, or comes, of those. Throws where none does. */
  async call(of: (call: Call) => boolean): Promise<Call> {
    const seen = await waitFor(() => this.#calls.find(of), { deadlineMs: PATIENCE_MS, everyMs: LOOK_MS });
    if (seen) return seen;
    throw new Error('a call that was waited for did not come');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const came = { at: performance.now(), date: Date.now() };
    const call = said.parse(JSON.parse(await text(request)));
    this.#calls.push({ ...call, ...came, answer: () => response.end() });
  }
}
