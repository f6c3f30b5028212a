import 'reflect-metadata';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { isObject, sha256 } from '@summit/kernel';
import {
  DevelopmentTokens,
  readConfig,
  type RunningService,
  type TokenVerifier,
  tokenVerifier,
} from '@summit/platform';
import { AUDIENCE, TestIssuer } from '@summit/platform/issuer.fixture';
import {
  developmentKey,
  natsBundleStore,
  releasePolicies,
  type ReleasePolicies,
  signBundle,
  withData,
} from '@summit/policy-opa';
import { silentLog } from '@summit/runtime';
import { waitFor } from '@summit/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { policyGatewayConfig, PolicyGatewayModule, servePolicyGateway } from './index.ts';

const digest = 'a'.repeat(64);
const evaluation = {
  subject: { type: 'executor', id: 'executor-1' },
  action: { name: 'tool' },
  resource: {
    type: 'tool',
    id: 'payments.refund',
    properties: {
      effect: 'idempotent',
      tool: digest,
      registered: true,
      sensitive: false,
      attempt: 1,
      actionHash: digest,
      args: { amountCents: 500 },
    },
  },
  context: {
    thread: { id: 't1' },
    run: { id: 'r1', workflow: 'w', version: '1', startedBy: 'alice', steps: 1, attempts: 1 },
  },
};

let directory: string;
let nc: NatsConnection;
let release: ReleasePolicies;
let service: RunningService;
let buckets = 0;
let bucket: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'summit-gateway-'));
  nc = await connect({ servers: process.env['SUMMIT_TEST_NATS_URL'] ?? '' });
  release = await releasePolicies();
  bucket = await newBucket();
  service = await start(bucket);
});
afterAll(async () => {
  await service.close();
  await nc.close();
  rmSync(directory, { recursive: true, force: true });
});

async function newBucket(): Promise<string> {
  const name = `TEST_GATEWAY_${String(process.pid)}_${String(++buckets)}`;
  await new Objm(nc).create(name);
  return name;
}

const start = (
  name: string,
  app?: string,
  tokens: TokenVerifier = new DevelopmentTokens(directory),
): Promise<RunningService> =>
  servePolicyGateway(
    PolicyGatewayModule.register({
      tokens,
      key: developmentKey(directory),
      store: () => natsBundleStore(nc, name),
      log: silentLog,
      ...(app !== undefined && { app: { directory: app, tenant: 'acme' } }),
    }),
    { host: '127.0.0.1', port: 0 },
    silentLog,
  );

interface Caller {
  readonly tenant?: string;
  readonly user?: string;
  readonly roles?: readonly string[];
}

/** A request as somebody, by default an operator of acme. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  { tenant, user, roles }: Caller = {},
  url = service.url,
) {
  const token = await new DevelopmentTokens(directory).sign({
    tenant: tenant ?? 'acme',
    user: user ?? 'olga',
    roles: roles ?? ['operator'],
  });
  const binary = body instanceof Uint8Array;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': binary ? 'application/gzip' : 'application/json' }),
    },
    ...(body !== undefined && { body: binary ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: isObject(answer) ? answer : {} };
}

const evaluate = async (tenant: string, over: object = {}) =>
  (await call('POST', '/access/v1/evaluation', { ...evaluation, ...over }, { tenant, user: 'app' })).body;

const bundleThatDenies = (tool: string) =>
  signBundle(
    withData(release.development.bytes, { tenant: { denied: [tool] } }),
    developmentKey(directory).signer,
  );

describe('AuthZEN', () => {
  it("[C5.1] answers an evaluation by the tenant's active bundle", async () => {
    expect(await evaluate('asks')).toMatchObject({
      decision: true,
      context: { verdict: 'allow', policy: release.development.identity.policy },
    });
    const resource = {
      ...evaluation.resource,
      properties: { ...evaluation.resource.properties, sensitive: true },
    };
    expect(await evaluate('asks', { resource })).toMatchObject({
      decision: false,
      context: { verdict: 'require_approval', obligations: [{ type: 'approval' }] },
    });
  });

  it("takes a person's roles from the subject", async () => {
    const { decision } = await evaluate('asks', {
      subject: { type: 'user', id: 'olga', properties: { roles: ['operator'] } },
      action: { name: 'run.cancel' },
      resource: { type: 'run', id: 'w' },
    });
    expect(decision).toBe(true);
  });

  it('answers many at once, each with the defaults at the top', async () => {
    const { subject, action, context, resource } = evaluation;
    const evaluations = [{ resource }, { resource: { ...resource, properties: {} } }, { resource }];
    const { body } = await call('POST', '/access/v1/evaluations', { subject, action, context, evaluations });
    const decisions = (body['evaluations'] as { decision: boolean }[]).map(({ decision }) => decision);
    expect(decisions).toEqual([true, false, true]);
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    const short = await call('POST', '/access/v1/evaluations', {
      subject,
      action,
      context,
      evaluations,
      options,
    });
    expect(short.body['evaluations']).toHaveLength(2);
  });

  it('says where it is', async () => {
    const { body } = await call('GET', '/.well-known/authzen-configuration');
    expect(body['access_evaluation_endpoint']).toBe(`${service.url}/access/v1/evaluation`);
  });

  it.each([
    ['an action that policy does not know', { action: { name: 'dance' } }],
    ['no subject', { subject: undefined }],
    ['a field that is no part of the action', { resource: { ...evaluation.resource, properties: { x: 1 } } }],
  ])('refuses %s, with a code, a sentence and a trace id', async (_, over) => {
    const { status, body } = await call('POST', '/access/v1/evaluation', { ...evaluation, ...over });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_EVALUATION', next: expect.any(String) as unknown });
    expect(body['traceId']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('refuses whoever has no token, or a wrong one', async () => {
    for (const [authorization, code] of [
      ['', 'TOKEN_MISSING'],
      ['Bearer nonsense', 'TOKEN_INVALID'],
    ]) {
      const headers = { authorization: authorization ?? '', 'content-type': 'application/json' };
      const answer = await fetch(`${service.url}/access/v1/evaluation`, {
        method: 'POST',
        headers,
        body: '{}',
      });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code });
    }
  });
});

describe('an issuer that is away', () => {
  it('ends nothing: requests that need it get 503 until it is back', async () => {
    const issuer = await TestIssuer.start();
    issuer.up = false;
    const environment = {
      SUMMIT_NATS_URL: '',
      SUMMIT_DATA: directory,
      SUMMIT_OIDC_ISSUER: issuer.url,
      SUMMIT_OIDC_AUDIENCE: AUDIENCE,
    };
    const tokens = tokenVerifier(readConfig(policyGatewayConfig, environment), silentLog);
    const { url, close } = await start(bucket, undefined, tokens);
    const headers = { authorization: `Bearer ${await issuer.sign()}` };
    const ask = (): Promise<Response> => fetch(`${url}/v1/bundles`, { headers });
    const away = await ask();
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({
      code: 'ISSUER_UNREACHABLE',
      type: '/errors/ISSUER_UNREACHABLE',
    });
    issuer.up = true;
    const back = await waitFor(async () => ((await ask()).ok ? true : undefined), { deadlineMs: 30_000 });
    expect(back).toBe(true);
    await close();
    await issuer.stop();
  });
});

describe('bundles', () => {
  it('[C5.1] decide once they are pushed and ordered; other tenants keep theirs', async () => {
    const bytes = await bundleThatDenies('payments.refund');
    const pushed = await call('POST', '/v1/bundles', bytes);
    expect(pushed).toMatchObject({ status: 201, body: { bundle: sha256(bytes) } });
    expect(await evaluate('acme')).toMatchObject({ decision: true });

    const ordered = await call('POST', `/v1/bundles/${sha256(bytes)}/activate`, {});
    expect(ordered).toMatchObject({ status: 202, body: { tenant: 'acme' } });
    const deadline = Date.now() + 10_000;
    while ((await evaluate('acme'))['decision'] !== false) expect(Date.now()).toBeLessThan(deadline);
    expect(await evaluate('other')).toMatchObject({ decision: true });

    const { body } = await call('GET', '/v1/bundles');
    const roles = body['bundles'] as { role: string; active: boolean; bundle: string; orderedBy?: string }[];
    expect(roles[0]).toMatchObject({
      role: 'tenant',
      active: true,
      bundle: sha256(bytes),
      orderedBy: 'olga',
    });
    expect(roles.map(({ role, active }) => `${role} ${String(active)}`)).toEqual([
      'tenant true',
      'development false',
      'root true',
    ]);
  });

  it('[C5.1] are refused unsigned, from whoever is no operator, and when they are none', async () => {
    const bytes = await bundleThatDenies('x');
    expect(await call('POST', '/v1/bundles', release.development.bytes)).toMatchObject({
      status: 403,
      body: { code: 'POLICY_BAD_SIGNATURE' },
    });
    expect(await call('POST', '/v1/bundles', bytes, { user: 'alice', roles: ['developer'] })).toMatchObject({
      status: 403,
      body: { code: 'POLICY_DENIED' },
    });
    expect(await call('POST', '/v1/bundles', { no: 'bundle' })).toMatchObject({
      status: 400,
      body: { code: 'POLICY_BUNDLE_INVALID' },
    });
    expect(await call('POST', `/v1/bundles/${digest}/activate`)).toMatchObject({
      status: 404,
      body: { code: 'BUNDLE_NOT_FOUND' },
    });
  });
});

describe('an app with policies', () => {
  it('has them active when the gateway is up, and ordered once', async () => {
    const app = mkdtempSync(join(directory, 'app-'));
    mkdirSync(join(app, 'policies'));
    const data = {
      tenant: { approvals: [{ tool: 'payments.refund', argument: '/amountCents', above: 100 }] },
    };
    writeFileSync(join(app, 'policies', 'data.json'), JSON.stringify(data));
    const name = await newBucket();
    for (const attempt of [1, 2]) {
      const gateway = await start(name, app);
      const deadline = Date.now() + 10_000;
      const ask = () => call('POST', '/access/v1/evaluation', evaluation, {}, gateway.url);
      while (!JSON.stringify((await ask()).body).includes('require_approval')) {
        expect(Date.now()).toBeLessThan(deadline);
      }
      await gateway.close();
      const ofRelease = [release.root, release.development].map(({ identity }) => identity.bundle);
      const kept = await (await natsBundleStore(nc, name)).bundles();
      expect(kept.filter((bundle) => !ofRelease.includes(bundle))).toHaveLength(1);
      expect(attempt).toBeLessThan(3);
    }
  });
});
