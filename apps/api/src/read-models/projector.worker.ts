/** Fills the read models in a thread of its own, at low priority: nothing of it costs who serves requests or leads. */
import { constants } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { makeLog, standBack, startTelemetry, threadEnd } from '@summit/platform';
import { FileKeyStore, Vault } from '@summit/vault';
import { projectPartitions } from './project-partitions.ts';
import { type ProjectorData, type ProjectorSays } from './projector.ts';

const { natsUrl, dataDir, partitions, postgresUrl, level, environment } = workerData as ProjectorData;
const log = makeLog('api-read-models', level);

standBack(constants.priority.PRIORITY_BELOW_NORMAL, log);

const telemetry = await startTelemetry('api-read-models', environment);
const nc = await connectNats(natsUrl, { name: 'api-read-models' });
const keys = new FileKeyStore(join(dataDir, 'keys'));
await projectPartitions({
  partitions,
  postgresUrl,
  vault: new Vault(keys),
  storeOf: (partition) => new NatsJournalStore(nc, { partition }),
  tracing: telemetry?.tracing,
  log,
  signal: threadEnd(),
  say: (says: ProjectorSays) => parentPort?.postMessage(says),
});
await keys.close();
await nc.close();
await telemetry?.close();
