/** Publishes events in a thread of its own, at low priority: nothing of it costs who serves requests or leads. */
import { constants } from 'node:os';
import { workerData } from 'node:worker_threads';
import { connectNats } from '@summit/journal-nats';
import { makeLog, standBack, threadEnd } from '@summit/platform';
import { partitionSources } from '../streams/partition-sources.ts';
import { type PublisherData } from './events-publisher.ts';
import { EventsStream } from './events-stream.ts';
import { publishEvents } from './publish-events.ts';

const { natsUrl, dataDir, partitions, level } = workerData as PublisherData;
const log = makeLog('api-events', level);

standBack(constants.priority.PRIORITY_LOW, log);

const nc = await connectNats(natsUrl, { name: 'api-events' });
const sources = partitionSources({ nc, dataDir });
await publishEvents({
  partitions,
  source: (partition) => sources.of(partition),
  stream: new EventsStream(nc),
  now: () => Date.now(),
  log,
  signal: threadEnd(),
});
await sources.close();
await nc.close();
