import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectNats } from '@summit/journal-nats';
import { sha256 } from '@summit/kernel';
import { developmentKey, natsBundleStore, releasePolicies, signBundle, withData } from '@summit/policy-opa';
import { natsUrlAs, waitFor } from '@summit/servers';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import { Client, type HttpAnswer, type Said } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const deadline = { deadlineMs: 15_000, everyMs: 50 };
const denied = {
  status: 'failed',
  error: {
    code: 'POLICY_DENIED',
    message: expect.stringContaining("world.mail stands in denied of the tenant's data.json") as unknown,
  },
};

let stack: TestStack;
let gateway: Client;
beforeAll(async () => {
  stack = await TestStack.start({ policy: { denied: ['world.mail'] } });
  gateway = await Client.of(stack.process('policy-gateway').url ?? '', stack.plan.dataDir);
});
afterAll(() => stack.stop());

/** A run whose one step is a call of `world.mail`, when it has ended. */
async function mailed(label: string): Promise<Said> {
  const input = { world: stack.world.url, label };
  const { body } = await stack.client.insist('/v1/runs', { workflow: 'mailed', input }, randomUUID());
  return stack.client.end(body.runId ?? '');
}

/** The release's rules with other data of the tenant. */
async function bundleOf(policy: object): Promise<Uint8Array> {
  const { development } = await releasePolicies();
  return withData(development.bytes, { tenant: policy });
}

function push(bundle: Uint8Array): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/gzip' };
  return gateway.send('/v1/bundles', { method: 'POST', headers, body: Buffer.from(bundle) });
}

/** Past the gateway: what could be done by somebody who speaks as it on the bus. */
async function orderOnTheBus(bytes: Uint8Array): Promise<void> {
  const bus = natsUrlAs(stack.process('nats').url ?? '', natsDataDir(stack.plan.dataDir), 'gateway');
  const nc = await connectNats(bus);
  try {
    const store = await natsBundleStore(nc);
    const who = { tenant: 'acme', user: 'mallory', roles: ['operator'] };
    const bundle = await store.put(bytes);
    await store.order({ id: randomUUID(), bundle, kind: 'bundle.activate', at: Date.now(), ...who });
  } finally {
    await nc.close();
  }
}

function leaderSays(text: string): Promise<true | undefined> {
  const log = join(stack.plan.dataDir, 'logs', 'orchestrator.log');
  return waitFor(() => (readFileSync(log, 'utf8').includes(text) ? true : undefined), deadline);
}

describe("an app's own policies", () => {
  it('[C5.1] decide from the first run on: a denied call fails with the sentence, and has no effect', async () => {
    expect(await mailed('policy-1')).toMatchObject(denied);
    expect(stack.world.count('mail', 'policy-1')).toBe(0);
  });

  it('[C5.1] an unsigned bundle is refused, and the one before it goes on deciding', async () => {
    const refused = await push(await bundleOf({}));
    expect(refused).toMatchObject({ status: 403, body: { code: 'POLICY_BAD_SIGNATURE' } });
    expect(await mailed('policy-2')).toMatchObject(denied);
  });

  it('[C5.1] a leader refuses it by itself, whoever ordered it', async () => {
    await orderOnTheBus(await bundleOf({}));
    expect(await leaderSays('POLICY_BAD_SIGNATURE')).toBe(true);
    expect(await mailed('policy-3')).toMatchObject(denied);
    expect(stack.world.count('mail', 'policy-3')).toBe(0);
  });

  it('[C5.1] a signed one decides from its order on, without a restart', async () => {
    const bundle = await signBundle(await bundleOf({}), developmentKey(stack.plan.dataDir).signer);
    expect(await push(bundle)).toMatchObject({ status: 201 });
    const ordered = await gateway.post(`/v1/bundles/${sha256(bundle)}/activate`, {});
    expect(ordered.status).toBe(202);
    expect(await leaderSays(sha256(bundle))).toBe(true);
    expect(await mailed('policy-4')).toMatchObject({ status: 'completed', output: 7 });
  });
});
