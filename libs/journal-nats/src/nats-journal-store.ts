/**
 * A partition's journal in a JetStream stream.
 *
 * 1. Appends carry `Nats-Expected-Last-Subject-Sequence` and no `Nats-Msg-Id`: two with one expectation can not
 *    both land, and servers with one replica and with three then answer alike.
 * 2. The head is read by `STREAM.MSG.GET`, which the stream's leader answers; direct reads may be stale.
 * 3. One subject per stream: its last sequence is the subject's, so sequences start at 1 and have no holes.
 */
import { jetstream } from '@nats-io/jetstream';
import {
  headers,
  type Msg,
  type NatsConnection,
  NoRespondersError,
  TimeoutError,
} from '@nats-io/transport-node';
import { type AppendOutcome, type JournalStore, type StoredGroup, type TailedGroup } from '@summit/journal';
import { isObject, RetryableError } from '@summit/kernel';
import { Connectivity } from './connectivity.ts';
import { journalStream, journalSubject } from './names.ts';
import { Disconnected, Publisher } from './publisher.ts';
import { tailStream } from './tail.ts';

const EXPECTED_SEQUENCE = 'Nats-Expected-Last-Subject-Sequence';
const NO_MESSAGE = 10037;
/** A group stays this far below the server's `max_payload`: room for headers and subject. */
const PAYLOAD_MARGIN = 64 * 1024;
/** More in one message brings no more commits a second, and makes everyone wait for the last of them. */
const LARGEST_GROUP = 4 * 1024 * 1024;
/** How long an answer may take, milliseconds: long enough for a stream to elect a leader. */
const ANSWER_MS = 5_000;
/** Up to here groups are asked for one by one. */
const FEW = 8;
/** How many bytes a reader asks for at once. */
const READ_AHEAD = 16 * 1024 * 1024;

export interface NatsJournalOptions {
  readonly partition: number;
  /** From 1. */
  readonly generation?: number;
  /** How long an answer may take, milliseconds. */
  readonly answerMs?: number;
}

export class NatsJournalStore implements JournalStore {
  readonly stream: string;
  readonly subject: string;
  readonly maxGroupBytes: number;
  readonly #nc: NatsConnection;
  readonly #connectivity: Connectivity;
  readonly #publisher: Publisher;
  readonly #answerMs: number;
  readonly #headRequest: string;

  constructor(nc: NatsConnection, { partition, generation = 1, answerMs = ANSWER_MS }: NatsJournalOptions) {
    this.stream = journalStream(partition, generation);
    this.subject = journalSubject(partition, generation);
    this.#nc = nc;
    this.#connectivity = Connectivity.of(nc);
    this.#publisher = new Publisher(nc);
    this.#answerMs = answerMs;
    this.#headRequest = JSON.stringify({ last_by_subj: this.subject });
    const maxPayload = nc.info?.max_payload ?? 1024 * 1024;
    this.maxGroupBytes = Math.min(maxPayload - PAYLOAD_MARGIN, LARGEST_GROUP);
  }

  async append(bytes: Uint8Array, expectedSequence: number): Promise<AppendOutcome> {
    const expectation = headers();
    expectation.set(EXPECTED_SEQUENCE, String(expectedSequence));
    try {
      return outcomeOf(await this.#publisher.publish(this.subject, bytes, expectation, this.#answerMs));
    } catch (error) {
      return { status: 'unanswered', code: codeOf(error), message: messageOf(error) };
    }
  }

  head(): Promise<StoredGroup | undefined> {
    return this.#message(this.#headRequest);
  }

  get(sequence: number): Promise<StoredGroup | undefined> {
    return this.#message(JSON.stringify({ seq: sequence }));
  }

  /** Asks the stream's leader for one message. */
  async #message(request: string): Promise<StoredGroup | undefined> {
    const answer = await this.#ask(`$JS.API.STREAM.MSG.GET.${this.stream}`, request);
    const error = errorOf(answer);
    if (error?.code === NO_MESSAGE) return undefined;
    if (error) throw unreachable(this.stream, error.description);
    const message = isObject(answer) ? answer['message'] : undefined;
    if (!isObject(message)) throw unreachable(this.stream, 'its answer has no message');
    const { seq, data } = message;
    if (typeof seq !== 'number' || typeof data !== 'string')
      throw unreachable(this.stream, 'its answer is odd');
    return { sequence: seq, bytes: Buffer.from(data, 'base64') };
  }

  async *read(fromSequence: number): AsyncIterable<StoredGroup> {
    const head = await this.head();
    if (!head || head.sequence < fromSequence) return;
    if (head.sequence - fromSequence < FEW) yield* this.#readFew(fromSequence, head);
    else yield* this.#readMany(fromSequence, head.sequence);
  }

  /** Whoever takes a partition over reads a few groups again and again: one round trip, and no consumer. */
  async *#readFew(fromSequence: number, head: StoredGroup): AsyncIterable<StoredGroup> {
    const missing = Array.from({ length: head.sequence - fromSequence }, (_, i) => fromSequence + i);
    const found = await Promise.all(missing.map((sequence) => this.get(sequence)));
    for (const group of found) {
      if (!group) throw unreachable(this.stream, 'a group below its head is missing');
      yield group;
    }
    yield head;
  }

  async *#readMany(fromSequence: number, last: number): AsyncIterable<StoredGroup> {
    const consumer = await jetstream(this.#nc).consumers.get(this.stream, { opt_start_seq: fromSequence });
    const messages = await consumer.consume({ max_bytes: READ_AHEAD });
    const stalled = new Stall(this.#answerMs, () => {
      messages.stop(unreachable(this.stream, 'reading stalled'));
    });
    try {
      for await (const message of messages) {
        stalled.progress();
        yield { sequence: message.seq, bytes: message.data };
        if (message.seq >= last) return;
      }
      throw unreachable(this.stream, `reading ended before sequence ${String(last)}`);
    } finally {
      stalled.end();
      messages.stop();
      void consumer.delete().catch(() => undefined); // it expires by itself too
    }
  }

  tail(fromSequence: number, signal: AbortSignal): AsyncIterable<TailedGroup> {
    return tailStream(this.#nc, this.stream, fromSequence, signal);
  }

  async #ask(subject: string, body: string): Promise<unknown> {
    try {
      return (await this.#request(subject, body)).json();
    } catch (error) {
      throw unreachable(this.stream, messageOf(error), error);
    }
  }

  /** A request that ends with the connection, not only with its timeout. */
  #request(subject: string, body: string): Promise<Msg> {
    return new Promise((resolve, reject) => {
      if (!this.#connectivity.up) {
        reject(new Disconnected());
        return;
      }
      const forget = this.#connectivity.onDown(() => {
        reject(new Disconnected());
      });
      this.#nc.request(subject, body, { timeout: this.#answerMs }).then(resolve, reject).finally(forget);
    });
  }
}

/** Calls once where nothing moves for a while. */
class Stall {
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, callback: () => void) {
    this.#timer = setTimeout(callback, ms);
  }

  progress(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What a publish acknowledgement says: `{stream, seq}`, or `{error}`. */
function outcomeOf(message: Msg): AppendOutcome {
  const answer: unknown = message.json();
  const error = errorOf(answer);
  if (error) return { status: 'refused', code: String(error.code), message: error.description };
  const sequence = isObject(answer) ? answer['seq'] : undefined;
  if (typeof sequence === 'number' && sequence > 0) return { status: 'stored', sequence };
  return { status: 'refused', code: 'ODD', message: 'the answer is no acknowledgement' };
}

function errorOf(answer: unknown): { code: number; description: string } | undefined {
  const error = isObject(answer) ? answer['error'] : undefined;
  if (!isObject(error)) return undefined;
  return { code: Number(error['err_code'] ?? error['code'] ?? 0), description: String(error['description']) };
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof NoRespondersError) return '503';
  if (cause instanceof TimeoutError) return 'TIMEOUT';
  return cause instanceof Disconnected ? 'DISCONNECTED' : 'ERROR';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unreachable = (stream: string, why: string, cause?: unknown): RetryableError =>
  new RetryableError(
    'JOURNAL_UNREACHABLE',
    `stream ${stream} did not answer: ${why}`,
    'Try again; summit doctor shows the server.',
    { cause },
  );
