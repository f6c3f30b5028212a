import { RetentionPolicy, DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { journalStream, journalSubject } from './names.ts';

/** A generation that no other test uses, for a stream of one's own on a shared server. */
export const someGeneration = (): number => 2 + Math.floor(Math.random() * 9990);

/** A journal's stream as `deploy/nats/streams.yaml` describes it. */
export async function makeJournalStream(
  nc: NatsConnection,
  { partition = 0, generation = 1, replicas = 1, maxBytes = -1 } = {},
): Promise<void> {
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({
    name: journalStream(partition, generation),
    subjects: [journalSubject(partition, generation)],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: replicas,
    deny_delete: true,
    deny_purge: true,
    allow_direct: false,
    max_bytes: maxBytes,
  });
}
