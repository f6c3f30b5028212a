import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Leadership } from '@summit/journal';
import { leadershipSuite } from '@summit/journal/leadership.suite';
import { connectNats } from './connect-nats.ts';
import { natsLeadership } from './nats-leadership.ts';

const bucket = `TEST_LEASES_${String(process.pid)}`;
const holders = new Map<string, Leadership>();
let nc: NatsConnection;
let partitions = 0;

const of = (holder: string): Leadership => {
  const found = holders.get(holder);
  if (!found) throw new Error(`no holder ${holder}`);
  return found;
};

leadershipSuite(
  'JetStream',
  {
    start: async () => {
      nc = await connectNats(process.env['SUMMIT_TEST_NATS_URL'] ?? '');
      const jsm = await jetstreamManager(nc);
      await jsm.streams.add({
        name: `KV_${bucket}`,
        subjects: [`$KV.${bucket}.>`],
        storage: StorageType.Memory,
        discard: DiscardPolicy.New,
        max_age: 1_000_000_000, // a lease of the deployment holds for three seconds
        duplicate_window: 1_000_000_000,
        max_msgs_per_subject: 1,
        allow_rollup_hdrs: true,
        deny_delete: true,
      });
      for (const holder of ['one', 'other', 'a', 'b', 'c', 'd'])
        holders.set(holder, await natsLeadership(nc, holder, bucket));
    },
    stop: async () => {
      await (await jetstreamManager(nc)).streams.delete(`KV_${bucket}`);
      await nc.close();
    },
    of,
    // Waits for what the server does by itself: nothing tells of it.
    lapse: async () => {
      const { streams } = await jetstreamManager(nc);
      const subject = `$KV.${bucket}.leader.${String(partitions - 1).padStart(2, '0')}`;
      const end = performance.now() + 20_000;
      while ((await streams.getMessage(`KV_${bucket}`, { last_by_subj: subject })) !== null) {
        if (performance.now() > end) throw new Error('the lease does not lapse');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  },
  () => partitions++,
);
