/** Publishes events in a thread of its own, at low priority: nothing of it costs who serves requests or leads. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { connectNats } from '@summit/journal-nats';
import { makeLog } from '@summit/platform';
import { partitionSources } from '../streams/partition-sources.ts';
import { type PublisherData } from './events-publisher.ts';
import { EventsStream } from './events-stream.ts';
import { publishEvents } from './publish-events.ts';

const { natsUrl, dataDir, partitions, level } = workerData as PublisherData;
const log = makeLog('api-events', level);
const end = new AbortController();

try {
  setPriority(0, constants.priority.PRIORITY_LOW); // of the calling thread alone, on Linux
} catch (error) {
  log.debug({ err: error }, 'the priority stays as it is');
}

const nc = await connectNats(natsUrl, { name: 'api-events' });
const sources = partitionSources({ nc, dataDir });
parentPort?.once('message', () => {
  end.abort();
});
await publishEvents({
  partitions,
  source: (partition) => sources.of(partition),
  stream: new EventsStream(nc),
  now: () => Date.now(),
  log,
  signal: end.signal,
});
await sources.close();
await nc.close();
