/**
 * Commands by NATS, as a transport of Nest: handlers are named by verb (`run.start`), as `@MessagePattern` says.
 *
 * Owns: its connection, the consumption of `SUMMIT_COMMANDS`, the queue of `summit.rpc.>`. Does not own: what a verb
 * does.
 *
 * 1. A durable command is acknowledged after its outcome is durable and told; until then it is said to be worked on. A
 *    process that dies leaves it to be given out again: its id makes it one effect.
 * 2. Who sent it says the subject alone, which a permission of NATS ties to a user.
 * 3. What can not be read, or not be answered, goes to the dead letters, and holds nothing up.
 */
import { randomUUID } from 'node:crypto';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { type ConsumerMessages, jetstream, type JsMsg } from '@nats-io/jetstream';
import { type Msg, type MsgHdrs, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { connectNats } from '@summit/journal-nats';
import { InvalidInputError, RetryableError } from '@summit/kernel';
import { newTraceparent, traceIdOf } from '@summit/platform';
import { type Answer, answerOf, type Log } from '@summit/runtime';
import { randomHex } from '@summit/vault';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import { BusContext } from './bus-context.ts';
import { type BusMessage, readMessage } from './bus-message.ts';
import { buryMessage } from './dead-letters.ts';
import { isPending } from './earlier-commands.ts';
import { replyOf } from './reply.ts';
import { type Addressed, COMMANDS, readSubject, replySubject, REQUESTS } from './subjects.ts';

/** How often a command is said to be worked on, milliseconds; a third of the consumer's `ack_wait` at most. */
const WORKING_MS = 1_500;
/** A command that waits for an earlier one, or for a leader, is given out again after this, milliseconds. */
const AGAIN_MS = 250;
/** A command whose handling broke is tried so often; then it is a dead letter. */
const MAX_DEFECTS = 5;
/** How long a request waits for the command that it is to follow, milliseconds. */
const FOLLOW_MS = 15_000;

export interface BusOptions {
  readonly url: string;
  readonly log: Log;
  /** Roles of a user of the bus; a subject says none. */
  readonly rolesOf: (tenant: string, user: string) => readonly string[];
}

export class BusTransport extends Server implements CustomTransportStrategy {
  readonly #options: BusOptions;
  readonly #open = new Set<Promise<void>>();
  #nc: NatsConnection | undefined;
  #requests: Subscription | undefined;
  #commands: ConsumerMessages | undefined;

  constructor(options: BusOptions) {
    super();
    this.#options = options;
  }

  override listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => {
      callback();
    }, callback);
  }

  /** Takes nothing more; what was taken is answered. */
  override async close(): Promise<void> {
    this.#requests?.unsubscribe();
    await this.#commands?.close();
    await Promise.all(this.#open);
    await this.#nc?.drain();
  }

  /** No events besides {@link Server.status}. */
  override on(): void {
    throw new Error('this transport has no events');
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as Nest has it
  override unwrap<Value>(): Value {
    return this.#nc as Value;
  }

  async #start(): Promise<void> {
    const nc = await connectNats(this.#options.url, { name: 'orchestrator commands' });
    this.#nc = nc;
    this.#requests = nc.subscribe(`${REQUESTS.subject}.>`, {
      queue: REQUESTS.queue,
      callback: (error, msg) => {
        if (!error) this.#track(this.#request(nc, msg));
      },
    });
    const consumer = await jetstream(nc).consumers.get(COMMANDS.stream, COMMANDS.consumer);
    this.#commands = await consumer.consume({
      callback: (msg) => {
        this.#track(this.#command(nc, msg));
      },
    });
  }

  #track(work: Promise<void>): void {
    const open = work.finally(() => this.#open.delete(open));
    this.#open.add(open);
  }

  /** Invariant 1. */
  async #command(nc: NatsConnection, msg: JsMsg): Promise<void> {
    const working = setInterval(() => {
      msg.working();
    }, WORKING_MS);
    try {
      await this.#settle(nc, msg);
    } catch (err) {
      this.#options.log.error(
        { err, sequence: msg.seq },
        'a command could not be settled; it is tried again',
      );
      msg.nak(AGAIN_MS);
    } finally {
      clearInterval(working);
    }
  }

  async #settle(nc: NatsConnection, msg: JsMsg): Promise<void> {
    const read = readCommand(msg);
    if ('flaw' in read) {
      await this.#bury(nc, msg, read.flaw);
      return;
    }
    const { from, message, commandId } = read;
    const trace = traceOf(msg.headers);
    if (message.after !== undefined) {
      const jsm = await jetstream(nc).jetstreamManager(false);
      if (await isPending(jsm, from, message.after, msg.seq)) {
        msg.nak(AGAIN_MS);
        return;
      }
    }
    const answer = await this.#answer(from, { ...message, commandId }, trace);
    const kind = answer.ok ? undefined : answer.error.kind;
    if (kind === 'unavailable') {
      msg.nak(AGAIN_MS);
      return;
    }
    if (kind === 'defect' && msg.info.deliveryCount < MAX_DEFECTS) {
      msg.nak(AGAIN_MS * msg.info.deliveryCount);
      return;
    }
    nc.publish(
      replySubject(from, commandId),
      JSON.stringify(replyOf(commandId, answer, traceIdOf(trace) ?? '')),
    );
    if (kind === 'defect') await this.#bury(nc, msg, answer);
    else msg.ack();
  }

  /** Invariant 3. */
  async #bury(nc: NatsConnection, msg: JsMsg, answer: Answer): Promise<void> {
    const code = answer.ok ? '' : answer.error.code;
    const { subject, seq: sequence } = msg;
    await buryMessage(nc, msg, code);
    this.#options.log.warn({ subject, sequence, code }, 'a command is a dead letter');
    msg.term(code);
  }

  async #request(nc: NatsConnection, msg: Msg): Promise<void> {
    const trace = traceOf(msg.headers);
    let commandId: string = randomUUID();
    let answer: Answer;
    try {
      const from = readSubject(msg.subject);
      const message = readMessage(msg.data);
      commandId = message.commandId ?? commandId;
      if (message.after !== undefined) await this.#follow(nc, from, message.after);
      answer = await this.#answer(from, { ...message, commandId }, trace);
    } catch (error) {
      answer = answerOf(error);
    }
    msg.respond(JSON.stringify(replyOf(commandId, answer, traceIdOf(trace) ?? '')));
  }

  /** Returns when an earlier command is answered. Throws `EARLIER_COMMAND_PENDING`. */
  async #follow(nc: NatsConnection, from: Addressed, after: string): Promise<void> {
    const jsm = await jetstream(nc).jetstreamManager(false);
    const end = performance.now() + FOLLOW_MS;
    while (await isPending(jsm, from, after)) {
      if (performance.now() >= end) throw earlierPending(after);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** What the verb's handler answers. */
  async #answer(
    { tenant, user, verb }: Addressed,
    { fields, commandId }: BusMessage & { readonly commandId: string },
    trace: string,
  ): Promise<Answer> {
    const handler = this.getHandlerByPattern(verb);
    if (!handler) return answerOf(verbUnknown(verb));
    const roles = this.#options.rolesOf(tenant, user);
    const context = new BusContext({ tenant, user, roles, commandId, trace });
    try {
      const handled = (await handler(fields, context)) as Observable<Answer> | Answer;
      return isObservable(handled) ? await lastValueFrom(handled) : handled;
    } catch (error) {
      this.#options.log.error({ err: error, verb }, 'a command was not handled');
      return answerOf(error);
    }
  }
}

type ReadCommand =
  | { readonly from: Addressed; readonly message: BusMessage; readonly commandId: string }
  | { readonly flaw: Answer };

/** A durable command; without an id it can not be told apart from itself, nor answered. */
function readCommand({ subject, data }: JsMsg): ReadCommand {
  try {
    const from = readSubject(subject);
    const message = readMessage(data);
    if (message.commandId !== undefined) return { from, message, commandId: message.commandId };
    throw new InvalidInputError(
      'COMMAND_ID_MISSING',
      'the command has no id',
      'Give it a commandId of its own.',
    );
  } catch (error) {
    return { flaw: answerOf(error) };
  }
}

/** The client's `traceparent`, or a new one. */
function traceOf(headers: MsgHdrs | undefined): string {
  const given = headers?.get('traceparent');
  return given !== undefined && traceIdOf(given) ? given : newTraceparent(randomHex(24));
}

const verbUnknown = (verb: string): InvalidInputError =>
  new InvalidInputError(
    'COMMAND_UNKNOWN',
    `nothing here serves ${JSON.stringify(verb.slice(0, 80))}`,
    'See /schemas/commands of the api for the verbs there are.',
  );

const earlierPending = (after: string): RetryableError =>
  new RetryableError(
    'EARLIER_COMMAND_PENDING',
    `the command ${JSON.stringify(after.slice(0, 80))} has no answer yet`,
    'Send the same command with the same id again in a moment.',
  );
