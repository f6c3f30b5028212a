import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { objectStoreSuite } from '@summit/objects/object-store.suite';
import { describe, expect, it } from '@jest/globals';
import { connectNats } from './connect-nats.ts';
import { natsObjectStore } from './nats-object-store.ts';

const url = process.env['SUMMIT_TEST_NATS_URL'] ?? '';
let connections: NatsConnection[] = [];
const made: string[] = [];

/** A stream as `deploy/nats/streams.yaml` describes it, under a name of the test's own. */
async function makeStream(nc: NatsConnection): Promise<{ stream: string; prefix: string }> {
  const name = `${String(process.pid)}_${String(made.length)}`;
  const stream = `TEST_OBJECTS_${name}`;
  const prefix = `test.objects.${name}`;
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({
    name: stream,
    subjects: [`${prefix}.>`],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    deny_delete: true,
    deny_purge: true,
  });
  made.push(stream);
  return { stream, prefix };
}

objectStoreSuite('JetStream', {
  start: async () => {
    connections = [await connectNats(url), await connectNats(url)];
  },
  stop: async () => {
    const [nc] = connections;
    const jsm = nc && (await jetstreamManager(nc));
    for (const stream of made) await jsm?.streams.delete(stream);
    for (const connection of connections) await connection.close();
  },
  fresh: async () => {
    const [one, other] = connections;
    if (!one || !other) throw new Error('not connected');
    const names = await makeStream(one);
    return { one: await natsObjectStore(one, names), other: await natsObjectStore(other, names) };
  },
});

describe('an object store in JetStream', () => {
  it('says what to do where its stream was not made', async () => {
    const nc = await connectNats(url);
    await expect(natsObjectStore(nc, { stream: 'TEST_NOWHERE' })).rejects.toMatchObject({
      code: 'OBJECT_STORE_MISSING',
      next: expect.stringContaining('summit streams apply') as unknown,
    });
    await nc.close();
  });
});
