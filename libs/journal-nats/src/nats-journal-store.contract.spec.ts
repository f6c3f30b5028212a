import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { journalStoreSuite } from '@summit/journal/journal-store.suite';
import { connectNats } from './connect-nats.ts';
import { journalStream } from './names.ts';
import { NatsJournalStore } from './nats-journal-store.ts';
import { makeJournalStream, someGeneration } from './streams.fixture.ts';

let connections: NatsConnection[] = [];
const made: number[] = [];

journalStoreSuite('JetStream', {
  start: async () => {
    const url = process.env['SUMMIT_TEST_NATS_URL'] ?? '';
    connections = [await connectNats(url), await connectNats(url)];
  },
  stop: async () => {
    const [nc] = connections;
    const jsm = nc && (await jetstreamManager(nc));
    for (const generation of made) await jsm?.streams.delete(journalStream(0, generation));
    for (const connection of connections) await connection.close();
  },
  fresh: async () => {
    const [one, other] = connections;
    if (!one || !other) throw new Error('not connected');
    const generation = someGeneration();
    await makeJournalStream(one, { generation });
    made.push(generation);
    return {
      one: new NatsJournalStore(one, { partition: 0, generation }),
      other: new NatsJournalStore(other, { partition: 0, generation }),
    };
  },
});
