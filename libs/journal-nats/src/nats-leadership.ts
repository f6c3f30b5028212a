/**
 * Leases of partitions in the KV bucket SUMMIT_LEASES, one key each: the bucket forgets what is not renewed. A lease is
 * taken and renewed by an append that expects what was read, so of two who try one succeeds.
 */
import { JetStreamApiError, type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Leadership } from '@summit/journal';
import { partitionToken } from '@summit/kernel';

/** Its stream stands in deploy/nats/streams.yaml. */
const BUCKET = 'SUMMIT_LEASES';
const ANSWER_MS = 1_000;
/** JetStream: somebody else wrote in between. */
const BEATEN = 10071;

type StreamApi = Awaited<ReturnType<typeof jetstreamManager>>['streams'];

/** `holder`: a name that outlives the process, such as host and service. */
export async function natsLeadership(
  nc: NatsConnection,
  holder: string,
  bucket = BUCKET,
): Promise<Leadership> {
  const { streams } = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
  return new NatsLeadership(jetstream(nc, { timeout: ANSWER_MS }), streams, holder, bucket);
}

class NatsLeadership implements Leadership {
  readonly #js: JetStreamClient;
  readonly #streams: StreamApi;
  readonly #holder: string;
  readonly #bucket: string;

  constructor(js: JetStreamClient, streams: StreamApi, holder: string, bucket: string) {
    this.#js = js;
    this.#streams = streams;
    this.#holder = holder;
    this.#bucket = bucket;
  }

  async hold(partition: number): Promise<boolean> {
    const { holder, sequence } = await this.#read(partition);
    if (holder !== '' && holder !== this.#holder) return false;
    return this.#write(partition, this.#holder, sequence);
  }

  async release(partition: number): Promise<void> {
    const { holder, sequence } = await this.#read(partition);
    if (holder === this.#holder) await this.#write(partition, '', sequence);
  }

  async #read(partition: number): Promise<{ readonly holder: string; readonly sequence: number }> {
    const message = await this.#streams.getMessage(`KV_${this.#bucket}`, {
      last_by_subj: this.#subject(partition),
    });
    return message ? { holder: message.string(), sequence: message.seq } : { holder: '', sequence: 0 };
  }

  async #write(partition: number, holder: string, expected: number): Promise<boolean> {
    try {
      await this.#js.publish(this.#subject(partition), holder, {
        expect: { lastSubjectSequence: expected },
      });
      return true;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === BEATEN) return false;
      throw error;
    }
  }

  #subject(partition: number): string {
    return `$KV.${this.#bucket}.leader.${partitionToken(partition)}`;
  }
}
