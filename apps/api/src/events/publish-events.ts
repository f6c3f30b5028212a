import { setTimeout as delay } from 'node:timers/promises';
import { type Log } from '@summit/runtime';
import { type PartitionSource } from '../streams/run-feed.ts';
import { firstGroupAt } from '../streams/run-history.ts';
import { type EventsStream } from './events-stream.ts';
import { PartitionPublisher } from './partition-publisher.ts';

/** Where nothing says how far it went (the stream was lost), events are published again from so long ago on, milliseconds. */
const REBUILT_MS = 15 * 60 * 1000;
const RETRY_MS = 500;

export interface PublishEvents {
  readonly partitions: number;
  readonly source: (partition: number) => PartitionSource;
  readonly stream: EventsStream;
  readonly now: () => number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Publishes the events of every partition until it is aborted. */
export async function publishEvents(options: PublishEvents): Promise<void> {
  const { partitions, source, stream, log, signal } = options;
  const known = await insist(() => stream.positions(), options);
  const positions = new Map(known);
  const one = async (partition: number): Promise<void> => {
    const from =
      known?.get(partition) ?? (await insist(() => begin(source(partition), options.now()), options));
    if (from === undefined) return;
    positions.set(partition, from);
    await new PartitionPublisher({
      source: source(partition),
      publish: (message, position) => {
        positions.set(partition, position);
        return stream.publish(message, positions);
      },
      from,
      log,
      signal,
    }).run();
  };
  await Promise.all(Array.from({ length: partitions }, (_, partition) => one(partition)));
}

/** The group before the first that is young enough. */
async function begin({ store }: PartitionSource, now: number): Promise<number> {
  const head = await store.head();
  return (await firstGroupAt(store, now - REBUILT_MS, head?.sequence ?? 0)) - 1;
}

/** Undefined where it was aborted. */
async function insist<Value>(
  ask: () => Promise<Value>,
  { signal, log }: Pick<PublishEvents, 'signal' | 'log'>,
): Promise<Value | undefined> {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries % 60 === 0) log.warn({ err: error }, 'can not begin to publish events; trying again');
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
