import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AUDIENCE, TestIssuer } from '@summit/platform/issuer.fixture';
import { Client } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { summit } from './verb.fixture.ts';

let issuer: TestIssuer;
let stack: TestStack;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  process.env['SUMMIT_OIDC_ISSUER'] = issuer.url;
  process.env['SUMMIT_OIDC_AUDIENCE'] = AUDIENCE;
  stack = await TestStack.start({
    tokenOf: ({ tenant, user, roles }) => issuer.sign({ user, claims: { tenant, roles } }),
  });
});
afterAll(async () => {
  delete process.env['SUMMIT_OIDC_ISSUER'];
  delete process.env['SUMMIT_OIDC_AUDIENCE'];
  await stack.stop();
  await issuer.stop();
});

const echo = { workflow: 'secret', input: { text: 'hello' } };

describe('services of which an issuer says who is calling', () => {
  it("[C4.3] a run is started for the token's tenant; another tenant does not find it", async () => {
    const { status, body } = await stack.client.post('/v1/runs?wait=20', echo);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'completed', output: 'hello' });
    const path = `/v1/runs/${body.runId ?? ''}`;
    expect((await stack.client.send(path)).status).toBe(200);
    const globex = await stack.as({ tenant: 'globex' });
    const answer = await globex.send(path);
    expect(answer).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
  });

  it('refuse development tokens, everywhere; the command line signs none', async () => {
    for (const name of ['api', 'policy-gateway']) {
      const client = await Client.of(stack.process(name).url ?? '', stack.plan.dataDir);
      const answer = await client.send(name === 'api' ? '/v1/runs/run_00_x' : '/v1/bundles');
      expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
    }
    const refused = await summit(['token', '--data', stack.plan.dataDir]);
    expect(refused.document).toMatchObject({ ok: false, error: { code: 'DEVELOPMENT_TOKENS_OFF' } });
  });

  it('refuse an expired token, and one for another audience', async () => {
    for (const over of [{ lifetime: '-1s' }, { audience: 'account' }]) {
      const headers = { authorization: `Bearer ${await issuer.sign(over)}` };
      const answer = await stack.client.post('/v1/runs', echo, headers);
      expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
    }
  });
});
