/**
 * Publishes that are answered: one subscription of our own for all of a connection's.
 *
 * The client's own request makes an error with its stack when it ends, also when it ends well; at a thousand groups a
 * second that is a tenth of what a group costs.
 */
import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NoRespondersError,
  TimeoutError,
} from '@nats-io/transport-node';
import { SlotMap } from '@summit/kernel';
import { Connectivity } from './connectivity.ts';

/** The connection broke before the answer came. */
export class Disconnected extends Error {
  override readonly message = 'the connection broke';
}

/** Header of a message without content: nobody listens. */
const NO_RESPONDERS = 503;

export class Publisher {
  readonly #nc: NatsConnection;
  readonly #connectivity: Connectivity;
  readonly #inbox = createInbox();
  readonly #open = new SlotMap<string, (answer: Msg | Error) => void>();
  #last = 0;
  #listens = false;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
    this.#connectivity = Connectivity.of(nc);
  }

  /**
   * The answer to a message. Rejects with `TimeoutError`, `NoRespondersError`, or {@link Disconnected} as soon as the
   * connection breaks.
   */
  publish(subject: string, bytes: Uint8Array, headers: MsgHdrs, timeoutMs: number): Promise<Msg> {
    if (!this.#connectivity.up) return Promise.reject(new Disconnected());
    this.#listen();
    return new Promise((resolve, reject) => {
      const reply = `${this.#inbox}.${String(++this.#last)}`;
      const end = (answer: Msg | Error): void => {
        this.#open.delete(reply);
        clearTimeout(timer);
        forget();
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      const timer = setTimeout(() => {
        end(new TimeoutError());
      }, timeoutMs);
      const forget = this.#connectivity.onDown(() => {
        end(new Disconnected());
      });
      this.#open.set(reply, end);
      this.#nc.publish(subject, bytes, { headers, reply });
    });
  }

  /** The subscription lives as long as the connection, and is made again with it. */
  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    this.#nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        const nobody = message.data.length === 0 && message.headers?.code === NO_RESPONDERS;
        const answer = error ?? (nobody ? new NoRespondersError(message.subject) : message);
        this.#open.get(message.subject)?.(answer);
      },
    });
  }
}
