/**
 * The gateway between two threads of one process: an edge in its own thread, so that reading and writing HTTP costs
 * the leaders no time.
 *
 * Calls and answers travel as JSON text, those of a turn of the event loop in one message: text crosses threads
 * several times faster than objects, and waking a thread costs more than what it is woken for.
 */
import { type MessagePort } from 'node:worker_threads';
import { SlotMap } from '@summit/kernel';
import { answerOf } from './leader/answers.ts';
import { type Answer, type ApprovalsQuery, type Command, type Query } from './leader/command.ts';
import { type CommandGateway, type PartitionFigures } from './command-gateway.ts';

type Method = keyof CommandGateway;
type Call = readonly [id: number, method: Method, argument: unknown];
type Result = readonly [id: number, value: unknown];

/** Gathers what is sent in a turn into one message. */
class Batch<Item> {
  readonly #port: MessagePort;
  readonly #atEnd: (flush: () => void) => void;
  #items: Item[] = [];

  constructor(port: MessagePort, atEnd: (flush: () => void) => void) {
    this.#port = port;
    this.#atEnd = atEnd;
  }

  push(item: Item): void {
    if (this.#items.push(item) > 1) return;
    this.#atEnd(() => {
      const items = this.#items;
      this.#items = [];
      this.#port.postMessage(JSON.stringify(items));
    });
  }
}

/** The edge's side. */
export class ThreadGateway implements CommandGateway {
  readonly #calls: Batch<Call>;
  readonly #open = new SlotMap<number, (value: unknown) => void>();
  #last = 0;

  constructor(port: MessagePort) {
    // A turn's requests come in as many callbacks.
    this.#calls = new Batch(port, setImmediate);
    port.on('message', (text: string) => {
      for (const [id, value] of JSON.parse(text) as readonly Result[]) {
        const resolve = this.#open.get(id);
        this.#open.delete(id);
        resolve?.(value);
      }
    });
  }

  submit(command: Command): Promise<Answer> {
    return this.#call('submit', command);
  }

  query(query: Query): Promise<Answer> {
    return this.#call('query', query);
  }

  approvals(query: Omit<ApprovalsQuery, 'partition'>): Promise<Answer> {
    return this.#call('approvals', query);
  }

  figures(): Promise<readonly PartitionFigures[]> {
    return this.#call('figures', null);
  }

  /** The other side is this file's too: what comes back is what the method promises. */
  #call<Value>(method: Method, argument: unknown): Promise<Value> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#open.set(id, resolve as (value: unknown) => void);
      this.#calls.push([id, method, argument]);
    });
  }
}

/** The leaders' side: calls the gateway for the thread behind a port, until that closes. */
export function serveThread(port: MessagePort, gateway: CommandGateway): void {
  // One acknowledgement releases many answers in one callback.
  const results = new Batch<Result>(port, queueMicrotask);
  const call = ([, method, argument]: Call): Promise<unknown> => {
    switch (method) {
      case 'submit':
        return gateway.submit(argument as Command);
      case 'query':
        return gateway.query(argument as Query);
      case 'approvals':
        return gateway.approvals(argument as Omit<ApprovalsQuery, 'partition'>);
      case 'figures':
        return gateway.figures();
    }
  };
  port.on('message', (text: string) => {
    for (const one of JSON.parse(text) as readonly Call[]) {
      call(one).then(
        (value) => {
          results.push([one[0], value]);
        },
        (error: unknown) => {
          results.push([one[0], answerOf(error)]);
        },
      );
    }
  });
}
