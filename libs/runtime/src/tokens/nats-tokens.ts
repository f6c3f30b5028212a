import { jetstream } from '@nats-io/jetstream';
import { subjectToken } from '@summit/kernel';
import { type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { type Log } from '../log.ts';
import { type Token, type TokenAddress, type TokenSink, type TokenSource } from './tokens.ts';

/** Keeps tokens for hours, in memory; see deploy/nats/streams.yaml. */
const STREAM = 'SUMMIT_TOKENS';

const tokenSchema = z.object({
  runId: z.string(),
  step: z.string(),
  attempt: z.int(),
  permitVersion: z.int(),
  index: z.int(),
  delta: z.string(),
  at: z.number(),
});

/** `summit.tokens.<tenant>.<thread>.<run>` */
export function tokenSubject({ tenant, threadId, runId }: TokenAddress): string {
  return `summit.tokens.${subjectToken(tenant)}.${subjectToken(threadId)}.${subjectToken(runId)}`;
}

/** Publishes each token as JSON, without waiting for anybody: the stream takes it, and so does who subscribes. */
export class NatsTokenSink implements TokenSink {
  readonly #nc: NatsConnection;
  readonly #subjects = new WeakMap<TokenAddress, string>();

  constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  publish(address: TokenAddress, token: Token): void {
    try {
      this.#nc.publish(this.#subject(address), JSON.stringify(token));
    } catch {
      // Without a connection it is lost; the outcome holds the text.
    }
  }

  #subject(address: TokenAddress): string {
    let subject = this.#subjects.get(address);
    if (subject === undefined) this.#subjects.set(address, (subject = tokenSubject(address)));
    return subject;
  }
}

/** Hears tokens over NATS: those that the stream keeps, then live ones. */
export class NatsTokenSource implements TokenSource {
  readonly #nc: NatsConnection;
  readonly #log: Log;

  constructor(nc: NatsConnection, log: Log) {
    this.#nc = nc;
    this.#log = log;
  }

  listen(address: TokenAddress, hear: (token: Token) => void): () => void {
    let ended = false;
    let stop: () => unknown = () => undefined;
    void this.#consume(address, (token) => {
      if (!ended) hear(token);
    }).then(
      (close) => {
        if (ended) void close();
        else stop = close;
      },
      (error: unknown) => {
        this.#log.warn({ err: error, runId: address.runId }, 'tokens can not be heard');
      },
    );
    return () => {
      ended = true;
      void stop();
    };
  }

  async #consume(address: TokenAddress, hear: (token: Token) => void): Promise<() => unknown> {
    const filter = { filter_subjects: tokenSubject(address) };
    const consumer = await jetstream(this.#nc).consumers.get(STREAM, filter);
    const messages = await consumer.consume({
      callback: (message) => {
        const token = tokenSchema.safeParse(readJson(message.string()));
        if (token.success && token.data.runId === address.runId) hear(token.data);
      },
    });
    return () => messages.close();
  }
}

/** Who may publish there is a matter of NATS permissions; what is no token is not heard. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
