/** Fills the read models in a thread of its own, at low priority: nothing of it costs who serves requests or leads. */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { makeLog, startTelemetry } from '@summit/platform';
import { FileKeyStore, Vault } from '@summit/vault';
import { projectPartitions } from './project-partitions.ts';
import { type ProjectorData, type ProjectorSays } from './projector.ts';

const { natsUrl, dataDir, partitions, postgresUrl, level, environment } = workerData as ProjectorData;
const log = makeLog('api-read-models', level);
const end = new AbortController();

try {
  setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL); // of the calling thread alone, on Linux
} catch (error) {
  log.debug({ err: error }, 'the priority stays as it is');
}

const telemetry = await startTelemetry('api-read-models', environment);
const nc = await connectNats(natsUrl, { name: 'api-read-models' });
const keys = new FileKeyStore(join(dataDir, 'keys'));
parentPort?.once('message', () => {
  end.abort();
});
await projectPartitions({
  partitions,
  postgresUrl,
  vault: new Vault(keys),
  storeOf: (partition) => new NatsJournalStore(nc, { partition }),
  tracing: telemetry?.tracing,
  log,
  signal: end.signal,
  say: (says: ProjectorSays) => parentPort?.postMessage(says),
});
await keys.close();
await nc.close();
await telemetry?.close();
