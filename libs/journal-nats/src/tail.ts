/**
 * A stream from a sequence on, for ever.
 *
 * 1. What was yielded last decides what comes next, never what a consumer remembers: a consumer lives as long as
 *    nothing odd happens, then another begins at the next sequence.
 * 2. Odd is: the connection broke, heartbeats are missing, a sequence is not the expected one, the server refuses.
 * 3. A server sends {@link AHEAD} groups ahead and then waits until they are taken.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ConsumerMessages, jetstream } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { type TailedGroup } from '@summit/journal';
import { Connectivity } from './connectivity.ts';

/** Groups under way at once; the largest have 4 MiB. */
const AHEAD = 32;
/** A server that has nothing to send says so this often, milliseconds; twice without a word is an outage. */
const HEARTBEAT_MS = 2_000;
/** After an outage, milliseconds: the next try. */
const RETRY_MS = 200;
/** A consumer that nobody asks is gone after this long, milliseconds. */
const FORGET_MS = 30_000;

/** See `JournalStore.tail`. */
export async function* tailStream(
  nc: NatsConnection,
  stream: string,
  fromSequence: number,
  signal: AbortSignal,
): AsyncGenerator<TailedGroup, void, undefined> {
  let next = fromSequence;
  while (!signal.aborted && !nc.isClosed()) {
    for await (const group of session(nc, stream, next, signal)) {
      if (group.sequence !== next) break; // 2
      yield group;
      next++;
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** One consumer's life; ends without an error, whatever ended it. */
async function* session(
  nc: NatsConnection,
  stream: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<TailedGroup, void, undefined> {
  const connectivity = Connectivity.of(nc);
  const opened = connectivity.up ? await open(nc, stream, from).catch(() => undefined) : undefined;
  if (!opened) return;
  const stop = (): void => {
    opened.messages.stop();
  };
  const forget = connectivity.onDown(stop);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    for await (const { seq, data, info } of opened.messages) {
      if (signal.aborted) return;
      yield { sequence: seq, bytes: data, pending: info.pending };
    }
  } catch {
    // The server refused; another consumer begins.
  } finally {
    forget();
    signal.removeEventListener('abort', stop);
    stop();
    opened.remove();
  }
}

interface Opened {
  readonly messages: ConsumerMessages;
  remove(): void;
}

async function open(nc: NatsConnection, stream: string, from: number): Promise<Opened> {
  const start = { opt_start_seq: from, inactive_threshold: FORGET_MS };
  const consumer = await jetstream(nc).consumers.get(stream, start);
  const messages = await consumer.consume({
    max_messages: AHEAD,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  void stopWhenSilent(messages);
  return { messages, remove: () => void consumer.delete().catch(() => undefined) };
}

async function stopWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) {
    if (type === 'heartbeats_missed' || type === 'no_responders' || type === 'reset') messages.stop();
  }
}
