/** The stream `SUMMIT_EVENTS` (deploy/nats/streams.yaml): what is put there, and how far that went. */
import { jetstream, type JetStreamClient, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { subjectToken } from '@summit/kernel';
import { type EventMessage } from './partition-publisher.ts';

const STREAM = 'SUMMIT_EVENTS';
/** `<partition>:<sequence>,…`: groups that are published whole with the message. */
const POSITIONS = 'Summit-Positions';
const ANSWER_MS = 5_000;

/** `summit.events.<tenant>.<thread>.<run>` */
export function eventSubject({
  tenant,
  threadId,
  runId,
}: Pick<EventMessage, 'tenant' | 'threadId' | 'runId'>): string {
  return `summit.events.${subjectToken(tenant)}.${subjectToken(threadId)}.${subjectToken(runId)}`;
}

export class EventsStream {
  readonly #nc: NatsConnection;
  readonly #js: JetStreamClient;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
    this.#js = jetstream(nc);
  }

  /** Rejects where it may not have been stored. */
  async publish(message: EventMessage, positions: ReadonlyMap<number, number>): Promise<void> {
    const { tenant, commitId, ...said } = message;
    const stamp = headers();
    stamp.set(
      POSITIONS,
      [...positions].map(([partition, at]) => `${String(partition)}:${String(at)}`).join(','),
    );
    await this.#js.publish(eventSubject({ tenant, ...said }), JSON.stringify({ commitId, ...said }), {
      msgID: commitId,
      headers: stamp,
      timeout: ANSWER_MS,
    });
  }

  /** How far an earlier publisher went, as its last message says; nothing where none is kept. */
  async positions(): Promise<ReadonlyMap<number, number>> {
    const jsm = await jetstreamManager(this.#nc, { timeout: ANSWER_MS });
    const last = await jsm.streams.getMessage(STREAM, { last_by_subj: 'summit.events.>' });
    const stamp = last?.header.get(POSITIONS) ?? '';
    return new Map(
      stamp
        .split(',')
        .map((one) => one.split(':').map(Number))
        .flatMap(([partition, at]) => (partition === undefined || at === undefined ? [] : [[partition, at]])),
    );
  }
}
