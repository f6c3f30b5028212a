import { join } from 'node:path';
import { type NatsConnection } from '@nats-io/transport-node';
import { NatsJournalStore, natsObjectStore } from '@summit/journal-nats';
import { type ObjectStore, readCommit } from '@summit/objects';
import { FileKeyStore, Vault } from '@summit/vault';
import { PartitionHub } from './partition-hub.ts';
import { type PartitionSource } from './run-feed.ts';
import { RunHistory } from './run-history.ts';

export interface PartitionSourcesOptions {
  readonly nc: NatsConnection;
  /** Keys stand under `keys/`. */
  readonly dataDir: string;
}

/** What readers of each partition share; made when it is first asked for. */
export interface PartitionSources {
  of(partition: number): PartitionSource;
  close(): Promise<void>;
}

export function partitionSources({ nc, dataDir }: PartitionSourcesOptions): PartitionSources {
  const sources = new Map<number, PartitionSource>();
  let keys: FileKeyStore | undefined;
  const objects = laterObjects(nc);
  const make = (partition: number): PartitionSource => {
    const store = new NatsJournalStore(nc, { partition });
    const opener = new Vault((keys ??= new FileKeyStore(join(dataDir, 'keys'))));
    return {
      store,
      hub: new PartitionHub(store),
      history: new RunHistory(store),
      open: (line) => readCommit(line, { partition, opener, objects }),
    };
  };
  return {
    of(partition) {
      const source = sources.get(partition) ?? make(partition);
      sources.set(partition, source);
      return source;
    },
    async close() {
      for (const { hub } of sources.values()) hub.close();
      await keys?.close();
    },
  };
}

/** The object store, looked for when a commit refers to it. */
function laterObjects(nc: NatsConnection): Pick<ObjectStore, 'get'> {
  let store: Promise<ObjectStore> | undefined;
  return {
    async get(tenant, digest) {
      store ??= natsObjectStore(nc);
      return (await store.catch(forget)).get(tenant, digest);
    },
  };
  function forget(error: unknown): never {
    store = undefined;
    throw error;
  }
}
