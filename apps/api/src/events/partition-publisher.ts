/**
 * One partition's journal as `summit.events.>`: a message for each commit of a run, with its events.
 *
 * Owns: where it stands, and the folds of the runs that are under way. Does not own: the bus.
 *
 * 1. Off the hot path: it reads what is durable, in the order of the journal, and may be behind.
 * 2. A message's id is its commit's, so what is published again (after a lost answer, a death in the middle of a
 *    group, by a second api) stands in the stream once.
 * 3. A group is published, whole, before the next: `position` never names one that is not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type JournalStore, type StoredGroup } from '@summit/journal';
import { type Log } from '@summit/runtime';
import { RunStream, type StreamEvent } from '@summit/streams';
import { type PartitionSource } from '../streams/run-feed.ts';
import { keyOfLine, linesOf, runOfKey } from '../streams/run-lines.ts';

/** Folds of runs that are under way; the one that is not heard of for longest is read again when it goes on. */
const RUNS = 20_000;
/** Between two tries to publish, milliseconds. */
const RETRY_MS = 500;

/** What a commit of a run said. */
export interface EventMessage {
  readonly tenant: string;
  readonly threadId: string;
  readonly runId: string;
  /** `<pp>-<tenant>-<tenantIndex>`. */
  readonly commitId: string;
  readonly version: number;
  readonly at: number;
  readonly events: readonly StreamEvent[];
}

/** Where messages go; rejects where one may not have arrived. `position`: the last group that is whole with it. */
export type Publish = (message: EventMessage, position: number) => Promise<void>;

export interface PartitionPublisherOptions {
  readonly source: Pick<PartitionSource, 'history' | 'open'> & { readonly store: Pick<JournalStore, 'tail'> };
  readonly publish: Publish;
  /** The last group that was published. */
  readonly from: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export class PartitionPublisher {
  readonly #options: PartitionPublisherOptions;
  readonly #runs = new Map<string, RunStream>();
  #position: number;

  constructor(options: PartitionPublisherOptions) {
    this.#options = options;
    this.#position = options.from;
  }

  /** The last group that was published whole. */
  get position(): number {
    return this.#position;
  }

  /** Publishes until it is aborted. */
  async run(): Promise<void> {
    const { source, signal } = this.#options;
    for await (const group of source.store.tail(this.#position + 1, signal)) {
      await this.#deliver(await this.#messages(group), group.sequence);
      this.#position = group.sequence;
    }
  }

  async #messages({ sequence, bytes }: StoredGroup): Promise<EventMessage[]> {
    const messages: EventMessage[] = [];
    for (const line of linesOf(bytes)) {
      const key = keyOfLine(line);
      if (key === undefined) continue;
      const message = await this.#message(key, line, sequence);
      if (message && message.events.length > 0) messages.push(message);
    }
    return messages;
  }

  async #message(key: string, line: string, sequence: number): Promise<EventMessage | undefined> {
    const { id, commit, erased } = await this.#options.source.open(line);
    const stream = await this.#stream(key, commit.version, sequence);
    const events = stream.apply({ id, commit, erased });
    if (stream.ended) this.#runs.delete(key);
    const { version, at } = commit;
    const threadId = stream.run?.threadId ?? '';
    return { ...runOfKey(key), threadId, commitId: id, version, at, events };
  }

  /** The fold of a run up to before a version, read from the journal where it is not at hand. */
  async #stream(key: string, version: number, sequence: number): Promise<RunStream> {
    const known = this.#runs.get(key);
    const stream = known ?? new RunStream();
    if (!known && version > 1) await this.#catchUp(stream, key, version, sequence);
    this.#runs.delete(key);
    this.#runs.set(key, stream);
    const oldest = this.#runs.keys().next();
    if (this.#runs.size > RUNS && !oldest.done) this.#runs.delete(oldest.value);
    return stream;
  }

  async #catchUp(stream: RunStream, key: string, version: number, sequence: number): Promise<void> {
    const { history, open } = this.#options.source;
    for await (const { line } of history.read(runOfKey(key), sequence)) {
      if (stream.version >= version - 1) return;
      stream.apply(await open(line));
    }
  }

  async #deliver(messages: readonly EventMessage[], sequence: number): Promise<void> {
    const { publish, log, signal } = this.#options;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        // In order on one connection: where the last is stored, so are those before it.
        const last = messages.length - 1;
        await Promise.all(messages.map((one, i) => publish(one, i === last ? sequence : sequence - 1)));
        return;
      } catch (error) {
        if (tries % 60 === 0) log.warn({ err: error, sequence }, 'events can not be published; trying again');
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
