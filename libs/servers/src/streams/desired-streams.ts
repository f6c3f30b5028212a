import { partitionToken } from '@summit/kernel';
import type { StreamEntry, StreamFile } from './stream-file.ts';

/** What an operator chooses when streams are applied. */
export interface Deployment {
  /** N; default: the file's. */
  readonly partitions?: number;
  /** 1 on one machine, 3 in a cluster; default 1. */
  readonly replicas?: number;
}

/** A field's value as JetStream writes it. Durations are nanoseconds. */
export type FieldValue = string | number | boolean | readonly string[];

/** One stream as it should be, every field named. */
export interface DesiredStream {
  readonly name: string;
  /** Nothing but replicas is ever changed. */
  readonly frozen: boolean;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

const FIRST_GENERATION = '0001';
export const PARTITIONS = 'metadata.partitions';
/** Of a stream's consumer there is one field, named so and by the consumer: its configuration as canonical text. */
export const CONSUMERS = 'consumers.';

/** Every stream of a deployment; journals in their first generation. */
export function desiredStreams(file: StreamFile, deployment: Deployment = {}): DesiredStream[] {
  const { partitions = file.partitions, replicas = 1 } = deployment;
  return file.streams.flatMap((entry) => {
    if (entry.each === undefined) return [desired(entry, replicas, (text) => text)];
    return Array.from({ length: partitions }, (_, partition) => {
      const filled = (text: string): string =>
        text.replaceAll('<pp>', partitionToken(partition)).replaceAll('<gen>', FIRST_GENERATION);
      const stream = desired(entry, replicas, filled);
      return { ...stream, fields: { ...stream.fields, [PARTITIONS]: String(partitions) } };
    });
  });
}

function desired(entry: StreamEntry, replicas: number, filled: (text: string) => string): DesiredStream {
  const { name, subjects, each: _each, frozen, consumers, ...named } = entry;
  const window = named.max_age > 0 ? Math.min(named.duplicate_window, named.max_age) : named.duplicate_window;
  const fields = {
    ...plain,
    ...named,
    duplicate_window: window,
    subjects: subjects.map(filled),
    num_replicas: replicas,
    ...Object.fromEntries(consumers.map((consumer) => [CONSUMERS + consumer.name, consumerText(consumer)])),
  };
  return { name: filled(name), frozen, fields };
}

/** What of a consumer's configuration is ours to say, as one text: of the file's entry, or of what the server tells. */
export function consumerText(config: object): string {
  const own = { ack_policy: 'explicit', max_deliver: -1, ...config };
  const named = Object.entries(own).filter(([field]) => CONSUMER_FIELDS.includes(field));
  return JSON.stringify(Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const CONSUMER_FIELDS = ['ack_policy', 'ack_wait', 'max_ack_pending', 'max_deliver'];

/** What a stream must not have unless its entry says so; the server leaves such fields out where they are off. */
const plain: Readonly<Record<string, FieldValue>> = {
  max_msgs: -1,
  max_consumers: -1,
  sealed: false,
  no_ack: false,
  allow_direct: false,
  mirror_direct: false,
  allow_msg_ttl: false,
  allow_msg_schedules: false,
  allow_msg_counter: false,
  allow_atomic: false,
  allow_batched: false,
  subject_delete_marker_ttl: 0,
  compression: 'none',
  persist_mode: 'default',
  mirror: 'none',
  sources: 'none',
  republish: 'none',
  subject_transform: 'none',
};
