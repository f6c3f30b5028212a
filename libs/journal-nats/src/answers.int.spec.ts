/** What real servers answer to appends that can not both land, and what they say of their durability. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AppendOutcome, type JournalStore } from '@summit/journal';
import { startNats, startNatsCluster, waitFor } from '@summit/servers';
import { connectNats } from './connect-nats.ts';
import { assertDurableServer } from './durability.ts';
import { NatsJournalStore } from './nats-journal-store.ts';
import { makeJournalStream } from './streams.fixture.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-answers-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Races appends with one expectation; how they were answered, the winner as `stored`. */
async function race(stores: readonly JournalStore[], rounds: number): Promise<Set<string>> {
  const answers = new Set<string>();
  const answer = (outcome: AppendOutcome): string => (outcome.status === 'stored' ? 'stored' : outcome.code);
  for (let round = 0; round < rounds; round++) {
    const raced = await Promise.all(
      stores.map((store, i) => store.append(Buffer.from(`${String(round)} ${String(i)}`), round)),
    );
    expect(raced.filter(({ status }) => status === 'stored')).toHaveLength(1);
    for (const outcome of raced) answers.add(answer(outcome));
  }
  return answers;
}

describe('one server', () => {
  it('[I2] answers a lost race with 10071', async () => {
    const server = await startNats({ dataDir: join(dir, 'one'), name: 'one' });
    const nc = await connectNats(server.url);
    try {
      await makeJournalStream(nc);
      const store = new NatsJournalStore(nc, { partition: 0 });
      const answers = await race([store, store, store], 30);
      expect([...answers].sort()).toEqual(expect.arrayContaining(['10071', 'stored']));
      for (const one of answers) expect(['stored', '10071', '10164']).toContain(one);
    } finally {
      await nc.close();
      await server.stop();
    }
  });

  it('shows the head of a group whose answer is larger than max_payload', async () => {
    const server = await startNats({
      dataDir: join(dir, 'small'),
      name: 'small',
      config: 'max_payload: 1MB',
    });
    const nc = await connectNats(server.url);
    try {
      await makeJournalStream(nc);
      const store = new NatsJournalStore(nc, { partition: 0 });
      const group = Buffer.alloc(store.maxGroupBytes, 'x');
      expect(store.maxGroupBytes).toBe(1024 * 1024 - 64 * 1024);
      expect(await store.append(group, 0)).toMatchObject({ status: 'stored' });
      expect((await store.head())?.bytes.length).toBe(group.length);
    } finally {
      await nc.close();
      await server.stop();
    }
  });
});

describe('three servers', () => {
  it('[I2] [C1.1] let one of many win, and go on without one of them', async () => {
    const cluster = await startNatsCluster({ dataDir: join(dir, 'three') });
    const connections: NatsConnection[] = [];
    try {
      for (const { url } of cluster.servers) connections.push(await connectNats(`${url},${cluster.url}`));
      const [first] = connections;
      if (!first) throw new Error('not connected');
      await makeJournalStream(first, { replicas: 3 });
      const stores = connections.map((nc) => new NatsJournalStore(nc, { partition: 0 }));
      const answers = await race(stores, 30);
      for (const one of answers) expect(['stored', '10071', '10164']).toContain(one);
      expect(await assertDurableServer(first)).toHaveLength(3);
      await cluster.servers[0]?.kill('SIGKILL');
      const [, second] = stores;
      const goesOn = async (): Promise<true | undefined> => {
        await second?.append(Buffer.from('after'), 30);
        const head = await second?.head().catch(() => undefined); // no leader for a while
        return head?.sequence === 31 ? true : undefined;
      };
      expect(await waitFor(goesOn, { deadlineMs: 30_000, everyMs: 50 })).toBe(true);
    } finally {
      for (const nc of connections) await nc.close();
      await cluster.stop();
    }
  });
});

describe('the durability of a server', () => {
  it('is told over the bus, and by monitoring where the bus does not tell', async () => {
    const server = await startNats({ dataDir: join(dir, 'durable'), name: 'durable' });
    const nobody = await connectNats(server.urlAs('nobody'));
    const nc = await connectNats(server.url);
    try {
      expect(await assertDurableServer(nc)).toEqual([{ server: 'durable', syncAlways: true }]);
      await expect(assertDurableServer(nobody)).rejects.toMatchObject({ code: 'JOURNAL_NOT_DURABLE' });
      const monitoringUrl = server.monitorUrl ?? '';
      expect(await assertDurableServer(nobody, { monitoringUrl })).toMatchObject([{ syncAlways: true }]);
    } finally {
      await nobody.close();
      await nc.close();
      await server.stop();
    }
  });

  it('is refused where sync_interval is not always, unless the operator allows it by name', async () => {
    const config = 'jetstream { sync_interval: "2m" }';
    const server = await startNats({ dataDir: join(dir, 'lazy'), name: 'lazy', config });
    const nc = await connectNats(server.url);
    try {
      await expect(assertDurableServer(nc)).rejects.toMatchObject({
        code: 'JOURNAL_NOT_DURABLE',
        message: expect.stringContaining('not always on lazy'),
      });
      expect(await assertDurableServer(nc, { allowUnsafe: true })).toEqual([
        { server: 'lazy', syncAlways: false },
      ]);
    } finally {
      await nc.close();
      await server.stop();
    }
  });
});
