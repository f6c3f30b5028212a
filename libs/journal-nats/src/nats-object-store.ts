/**
 * Sealed payloads in the JetStream stream `SUMMIT_OBJECTS`.
 *
 * 1. An object is one message for each part, under `summit.objects.<tenant>.<digest>.<part>`: a digest names its bytes,
 *    so the same subject can only ever hold the same ones, and the stream refuses a second message on it.
 * 2. Stored is what every part of was acknowledged: an interrupted object is one that nobody refers to yet.
 * 3. It is read by `STREAM.MSG.GET`, which the stream's leader answers; direct reads may be stale.
 */
import { JetStreamApiError, type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type Digest, NotFoundError, sha256, subjectToken } from '@summit/kernel';
import { checkedObject, type ObjectStore, objectsUnreachable } from '@summit/objects';

/** Its stream stands in deploy/nats/streams.yaml. Services never create it. */
const OBJECTS_STREAM = 'SUMMIT_OBJECTS';
const PREFIX = 'summit.objects';
/** Bytes of a part: in base64 it stays below a `max_payload` of 1 MiB. */
const PART_BYTES = 512 * 1024;
/** How many parts there are; stands on each of them. */
const PARTS = 'Summit-Parts';
const ANSWER_MS = 5_000;
/** JetStream: the subject holds as many messages as it may, here one. */
const SUBJECT_FULL = 10077;
const NO_STREAM = 10059;

type StreamApi = Awaited<ReturnType<typeof jetstreamManager>>['streams'];

/** Options for a store that is not the deployment's own. */
export interface NatsObjects {
  readonly stream?: string;
  readonly prefix?: string;
}

/** The object store of a deployment. Rejects with `OBJECT_STORE_MISSING` where its stream was not made. */
export async function natsObjectStore(
  nc: NatsConnection,
  { stream = OBJECTS_STREAM, prefix = PREFIX }: NatsObjects = {},
): Promise<ObjectStore> {
  const { streams } = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
  try {
    await streams.info(stream);
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || cause.code !== NO_STREAM) throw cause;
    throw new NotFoundError(
      'OBJECT_STORE_MISSING',
      `the stream ${stream} is not there`,
      'Make it: summit streams apply.',
      { cause },
    );
  }
  return new NatsObjectStore(jetstream(nc, { timeout: ANSWER_MS }), streams, { stream, prefix });
}

class NatsObjectStore implements ObjectStore {
  readonly #js: JetStreamClient;
  readonly #streams: StreamApi;
  readonly #names: Required<NatsObjects>;

  constructor(js: JetStreamClient, streams: StreamApi, names: Required<NatsObjects>) {
    this.#js = js;
    this.#streams = streams;
    this.#names = names;
  }

  async put(tenant: string, bytes: Uint8Array): Promise<Digest> {
    const digest = sha256(bytes);
    const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
    const parts = Array.from({ length: count }, (_, part) =>
      bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES),
    );
    await Promise.all(
      parts.map((data, part) => this.#putPart(this.#subject(tenant, digest, part), data, count)),
    );
    return digest;
  }

  async #putPart(subject: string, data: Uint8Array, count: number): Promise<void> {
    const head = headers();
    head.set(PARTS, String(count));
    try {
      await this.#js.publish(subject, data, { headers: head });
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === SUBJECT_FULL) return; // it was there before
      throw objectsUnreachable(error instanceof Error ? error.message : String(error), error);
    }
  }

  async get(tenant: string, digest: Digest): Promise<Uint8Array> {
    const first = await this.#part(tenant, digest, 0);
    if (!first) return checkedObject(digest, undefined);
    const rest = Array.from({ length: first.parts - 1 }, (_, i) => this.#part(tenant, digest, i + 1));
    const parts = [first, ...(await Promise.all(rest))].map((part) => part?.data ?? new Uint8Array());
    return checkedObject(digest, Buffer.concat(parts));
  }

  async #part(
    tenant: string,
    digest: Digest,
    part: number,
  ): Promise<{ readonly data: Uint8Array; readonly parts: number } | undefined> {
    try {
      const last_by_subj = this.#subject(tenant, digest, part);
      const message = await this.#streams.getMessage(this.#names.stream, { last_by_subj });
      return message ? { data: message.data, parts: Number(message.header.get(PARTS)) } : undefined;
    } catch (error) {
      throw objectsUnreachable(error instanceof Error ? error.message : String(error), error);
    }
  }

  #subject(tenant: string, digest: Digest, part: number): string {
    return `${this.#names.prefix}.${subjectToken(tenant)}.${digest}.${String(part)}`;
  }
}
