/**
 * The gateway between two threads of one process: an edge in its own thread, so that reading and writing HTTP costs
 * the leaders no time.
 *
 * Calls and answers travel as lines of JSON text, those of a turn of the event loop in one message: text crosses threads
 * several times faster than objects, and waking a thread costs more than what it is woken for. What an answer holds is
 * not read by the edge, which sends it on as it came.
 */
import { type MessagePort } from 'node:worker_threads';
import { SlotMap } from '@summit/kernel';
import { answerOf } from './leader/answers.ts';
import { type Answer, type ApprovalsQuery, type Command, type Query } from './leader/command.ts';
import { type CommandGateway, type PartitionFigures } from './command-gateway.ts';
import { WrittenAnswer } from './written-answer.ts';

type Method = keyof CommandGateway;
type Call = readonly [id: number, method: Method, argument: unknown];
type Result = Answer | readonly PartitionFigures[];

/** Gathers the lines that are sent in a turn into one message. */
class Batch {
  readonly #port: MessagePort;
  readonly #atEnd: (flush: () => void) => void;
  #lines: string[] = [];

  constructor(port: MessagePort, atEnd: (flush: () => void) => void) {
    this.#port = port;
    this.#atEnd = atEnd;
  }

  push(line: string): void {
    if (this.#lines.push(line) > 1) return;
    this.#atEnd(() => {
      const lines = this.#lines;
      this.#lines = [];
      this.#port.postMessage(lines.join('\n'));
    });
  }
}

/** A result as a line: `<id>=<value>` of an answer that is a value and no more, else `<id> <all of it>`. */
function resultLine(id: number, result: Result): string {
  const plain = 'ok' in result && result.ok && result.repeated === undefined;
  return plain ? `${id}=${JSON.stringify(result.value)}` : `${id} ${JSON.stringify(result)}`;
}

function readResult(line: string): readonly [id: number, result: unknown] {
  const end = line.search(/[ =]/);
  const text = line.slice(end + 1);
  return [Number(line.slice(0, end)), line[end] === '=' ? new WrittenAnswer(text) : JSON.parse(text)];
}

/** The edge's side. */
export class ThreadGateway implements CommandGateway {
  readonly #calls: Batch;
  readonly #open = new SlotMap<number, (value: unknown) => void>();
  #last = 0;

  constructor(port: MessagePort) {
    // A turn's requests come in as many callbacks.
    this.#calls = new Batch(port, setImmediate);
    port.on('message', (text: string) => {
      for (const line of text.split('\n')) {
        const [id, value] = readResult(line);
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
      this.#calls.push(JSON.stringify([id, method, argument] satisfies Call));
    });
  }
}

/** The leaders' side: calls the gateway for the thread behind a port, until that closes. */
export function serveThread(port: MessagePort, gateway: CommandGateway): void {
  // One acknowledgement releases many answers in one callback.
  const results = new Batch(port, queueMicrotask);
  const call = ([, method, argument]: Call): Promise<Result> => {
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
    for (const line of text.split('\n')) {
      const asked = JSON.parse(line) as Call;
      call(asked).then(
        (value) => {
          results.push(resultLine(asked[0], value));
        },
        (error: unknown) => {
          results.push(resultLine(asked[0], answerOf(error)));
        },
      );
    }
  });
}
