import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';

const call = z.object({
  label: z.string(),
  key: z.string(),
  item: z.number().default(0),
  amount: z.number().default(7),
});
type Call = z.infer<typeof call>;

/** What a call of `wire` is answered with when asked what became of it. */
export type Verdict = 'done' | 'never' | 'unknown';

/**
 * The other side of every effect: a server outside of the stack that honours idempotency keys and counts.
 * `<label>/<item>` names what a workflow wanted; each must stand under one key.
 */
export class World {
  readonly #server: Server;
  /** Idempotency keys by what was wanted. */
  readonly effects = new Map<string, Set<string>>();
  /** Calls by operation, repetitions included. */
  readonly calls = new Map<string, number>();
  /** Operations whose answers are held back, as when the other side is slow. */
  readonly held = new Map<string, (() => void)[]>();
  verdict: Verdict = 'unknown';

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<World> {
    const world = new World();
    await new Promise<void>((resolve) => world.#server.listen(0, '127.0.0.1', resolve));
    return world;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  }

  /** Calls of an operation on a label. */
  count(operation: string, label: string): number {
    return this.calls.get(`${operation} ${label}`) ?? 0;
  }

  /** From now on answers of the operation wait for {@link release}. */
  hold(operation: string): void {
    this.held.set(operation, []);
  }

  release(operation: string): void {
    const waiting = this.held.get(operation) ?? [];
    this.held.delete(operation);
    for (const go of waiting) go();
  }

  async stop(): Promise<void> {
    for (const operation of this.held.keys()) this.release(operation);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = (request.url ?? '').slice(1);
    const said = call.parse(JSON.parse(await textOf(request)));
    this.#record(operation, said);
    const waiting = this.held.get(operation);
    if (waiting) await new Promise<void>((resolve) => waiting.push(resolve));
    const answer = operation === 'reconcile' ? { verdict: this.verdict } : { amount: said.amount };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #record(operation: string, { label, item, key }: Call): void {
    const name = `${operation} ${label}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    if (operation === 'reconcile') return;
    const wanted = `${label}/${String(item)}`;
    this.effects.set(wanted, (this.effects.get(wanted) ?? new Set()).add(key));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
