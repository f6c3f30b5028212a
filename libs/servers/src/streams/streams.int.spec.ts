import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { natsOptions } from '../nats/nats-url.ts';
import { type NatsServer, startNats } from '../nats/start-nats.ts';
import { startNatsCluster } from '../nats/start-nats-cluster.ts';
import { applyStreams, checkStreams } from './streams.ts';

let dir: string;
let server: NatsServer;
let nc: NatsConnection;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-streams-'));
  server = await startNats({ dataDir: dir });
  nc = await connect(natsOptions(server.urlAs('operator')));
});
afterEach(async () => {
  await nc.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** More than the one of a laptop, so that each is made. */
const four = { partitions: 4 };

describe('summit streams', () => {
  it('makes every stream once, and finds no drift then', async () => {
    const first = await applyStreams(nc, four);
    const second = await applyStreams(nc, four);
    expect(first.created).toHaveLength(11);
    expect(second).toEqual({ created: [], updated: [], unchanged: first.created });
    expect(await checkStreams(nc, four)).toEqual([]);
  });

  it('finds what is missing', async () => {
    expect(await checkStreams(nc, four)).toContainEqual({
      stream: 'SUMMIT_JOURNAL_00_0001',
      field: 'exists',
      expected: true,
      found: false,
    });
  });

  it('finds and mends what may be changed', async () => {
    await applyStreams(nc, four);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.update('SUMMIT_COMMANDS', { max_age: 3_600_000_000_000 });
    const drift = { stream: 'SUMMIT_COMMANDS', field: 'max_age', expected: 86_400_000_000_000 };
    expect(await checkStreams(nc, four)).toEqual([{ ...drift, found: 3_600_000_000_000 }]);
    expect((await applyStreams(nc, four)).updated).toEqual(['SUMMIT_COMMANDS']);
    expect(await checkStreams(nc, four)).toEqual([]);
  });

  it('makes the consumers of a stream, and finds and mends what differs', async () => {
    await applyStreams(nc, four);
    const jsm = await jetstreamManager(nc);
    const waits = async (): Promise<number | undefined> =>
      (await jsm.consumers.info('SUMMIT_COMMANDS', 'orchestrators')).config.ack_wait;
    expect(await waits()).toBe(5_000_000_000);
    await jsm.consumers.update('SUMMIT_COMMANDS', 'orchestrators', { ack_wait: 1_000_000_000 });
    expect(await checkStreams(nc, four)).toMatchObject([{ field: 'consumers.orchestrators' }]);
    await applyStreams(nc, four);
    expect(await waits()).toBe(5_000_000_000);
    await jsm.consumers.delete('SUMMIT_COMMANDS', 'orchestrators');
    expect(await checkStreams(nc, four)).toMatchObject([{ field: 'consumers.orchestrators', found: 'none' }]);
    await applyStreams(nc, four);
    expect(await checkStreams(nc, four)).toEqual([]);
  });

  it('[P1] refuses to change a journal, and changes nothing else then', async () => {
    await applyStreams(nc, four);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.update('SUMMIT_JOURNAL_01_0001', { max_msgs: 10 });
    await jsm.streams.update('SUMMIT_COMMANDS', { max_age: 3_600_000_000_000 });
    await expect(applyStreams(nc, four)).rejects.toMatchObject({
      code: 'STREAM_CHANGE_REFUSED',
      drift: [{ stream: 'SUMMIT_JOURNAL_01_0001', field: 'max_msgs', expected: -1, found: 10 }],
    });
    expect((await jsm.streams.info('SUMMIT_COMMANDS')).config.max_age).toBe(3_600_000_000_000);
  });

  it.each([2, 8])('[P1] refuses %i partitions where there are 4', async (partitions) => {
    await applyStreams(nc, four);
    await expect(applyStreams(nc, { partitions })).rejects.toMatchObject({ code: 'STREAM_CHANGE_REFUSED' });
    expect(await checkStreams(nc, four)).toEqual([]);
  });

  it('takes later generations of a journal as they are, other strangers not', async () => {
    await applyStreams(nc, four);
    const jsm = await jetstreamManager(nc);
    await jsm.streams.add({ name: 'SUMMIT_JOURNAL_03_0002', subjects: ['summit.journal.03.0002'] });
    expect(await checkStreams(nc, four)).toEqual([]);
    await jsm.streams.add({ name: 'SUMMIT_JOURNAL_04_0001', subjects: ['summit.journal.04.0001'] });
    const stranger = { stream: 'SUMMIT_JOURNAL_04_0001', field: 'exists', expected: false, found: true };
    expect(await checkStreams(nc, four)).toEqual([stranger]);
  });

  it('[P1] nobody deletes from a journal', async () => {
    await applyStreams(nc, four);
    const jsm = await jetstreamManager(nc);
    await expect(jsm.streams.purge('SUMMIT_JOURNAL_00_0001')).rejects.toThrow(/purge/);
  });

  it('finds a server that does not sync every write', async () => {
    const lax = await startNats({ dataDir: join(dir, 'lax'), config: 'jetstream { sync_interval: "2m" }' });
    const other = await connect(natsOptions(lax.url));
    try {
      await applyStreams(other, four);
      expect(await checkStreams(other, four)).toEqual([
        { stream: 'server nats', field: 'sync_interval', expected: 'always', found: '120000000000 ns' },
      ]);
    } finally {
      await other.close();
      await lax.stop();
    }
  });

  it('has three replicas of everything on a cluster of three that sync every write', async () => {
    const cluster = await startNatsCluster({ dataDir: join(dir, 'cluster') });
    const other = await connect(natsOptions(cluster.url));
    try {
      await applyStreams(other, { ...four, replicas: 3 });
      expect(await checkStreams(other, { ...four, replicas: 3 })).toEqual([]);
      const { config } = await (await jetstreamManager(other)).streams.info('SUMMIT_JOURNAL_00_0001');
      expect(config.num_replicas).toBe(3);
    } finally {
      await other.close();
      await cluster.stop();
    }
  });
});
