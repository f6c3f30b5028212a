import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Objm } from '@nats-io/obj';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bundleStoreSuite } from './bundle-store.suite.ts';
import { natsBundleStore } from './nats-bundle-store.ts';

let nc: NatsConnection;
let buckets = 0;

beforeAll(async () => {
  nc = await connect({ servers: process.env['SUMMIT_TEST_NATS_URL'] ?? '' });
});
afterAll(async () => {
  await nc.close();
});

bundleStoreSuite('JetStream', async () => {
  const bucket = `TEST_BUNDLES_${String(process.pid)}_${String(++buckets)}`;
  await new Objm(nc).create(bucket);
  return natsBundleStore(nc, bucket);
});

it('says what to do where its stream was not made', async () => {
  await expect(natsBundleStore(nc, 'TEST_NOWHERE')).rejects.toMatchObject({
    code: 'BUNDLE_STORE_MISSING',
    next: expect.stringContaining('summit streams apply') as unknown,
  });
});
