/** Tokens of an issuer over HTTP: where its keys come from, how they change, and what is tried against them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { base64url, SignJWT, UnsecuredJWT } from 'jose';
import { AUDIENCE, TestIssuer, type TokenOf } from './issuer.fixture.ts';
import { issuerKeys, type IssuerKeysOptions } from './issuer-keys.ts';
import { IssuerTokens } from './issuer-tokens.ts';

const claims = { tenant: 'tenant', user: 'sub', roles: 'roles' };
let issuer: TestIssuer;
let said: string[];
beforeEach(async () => {
  issuer = await TestIssuer.start();
  said = [];
});
afterEach(() => issuer.stop());

/** A service that has just started. */
function service(options: Partial<IssuerKeysOptions> = {}): IssuerTokens {
  const say = (_fields: object, message: string): void => void said.push(message);
  const log = { info: say, warn: say };
  const keyOf = issuerKeys({ issuer: issuer.url, log, ...options });
  return new IssuerTokens({ issuer: issuer.url, audience: AUDIENCE, claims, keyOf });
}

const ann = { tenant: 'acme', user: 'ann' };
const invalid = { code: 'TOKEN_INVALID' };
const notAccepted = { ...invalid, message: expect.stringContaining('not accepted') };
const unreachable = { code: 'ISSUER_UNREACHABLE', retryable: true };

describe('the keys of an issuer', () => {
  it('are where its discovery document says, and are asked for once', async () => {
    const tokens = service();
    expect(await tokens.verify(await issuer.sign())).toMatchObject(ann);
    expect(await tokens.verify(await issuer.sign({ user: 'bob' }))).toMatchObject({ user: 'bob' });
    expect(issuer.asked).toBe(1);
  });

  it('are where the configuration says, without a discovery document', async () => {
    issuer.names = 'https://nobody.example.com';
    expect(await service({ jwksUrl: issuer.jwksUrl }).verify(await issuer.sign())).toMatchObject(ann);
  });

  it('are not believed where the document names another issuer', async () => {
    issuer.names = 'https://nobody.example.com';
    await expect(service().verify(await issuer.sign())).rejects.toMatchObject(unreachable);
  });

  it('rotate: the new one is found, what the old one signed is refused', async () => {
    const tokens = service({ cooldownMs: 0 });
    const old = await issuer.sign();
    expect(await tokens.verify(old)).toMatchObject(ann);
    await issuer.rotate();
    expect(await tokens.verify(await issuer.sign())).toMatchObject(ann);
    await expect(tokens.verify(old)).rejects.toMatchObject(invalid);
  });

  it('that nobody has do not make it ask again and again', async () => {
    const tokens = service();
    await tokens.verify(await issuer.sign());
    const strange = await TestIssuer.start();
    const forged = await strange.sign({ issuer: issuer.url });
    for (let i = 0; i < 5; i++) await expect(tokens.verify(forged)).rejects.toMatchObject(invalid);
    await strange.stop();
    expect(issuer.asked).toBe(1);
  });
});

describe('an issuer that is away', () => {
  it('when a service starts: nobody is let in, and it comes back by itself', async () => {
    issuer.up = false;
    const tokens = service();
    const token = await issuer.sign();
    await expect(tokens.verify(token)).rejects.toMatchObject(unreachable);
    await expect(tokens.verify(token)).rejects.toMatchObject(unreachable);
    expect(said).toEqual(['the issuer does not show its keys']);
    issuer.up = true;
    const back = await waitFor(() => tokens.verify(token).catch(() => undefined), { deadlineMs: 30_000 });
    expect(back).toMatchObject(ann);
    expect(said.slice(1)).toEqual(['the issuer shows its keys again']);
  });

  it('later: keys that are known go on, tokens of others are still refused as such', async () => {
    const tokens = service({ cooldownMs: 0 });
    await tokens.verify(await issuer.sign());
    issuer.up = false;
    expect(await tokens.verify(await issuer.sign())).toMatchObject(ann);
    const foreign = await issuer.sign({ issuer: 'https://nobody.example.com' });
    await expect(tokens.verify(foreign)).rejects.toMatchObject(invalid);
    await issuer.rotate();
    await expect(tokens.verify(await issuer.sign())).rejects.toMatchObject(unreachable);
  });
});

describe('a token that is not what it says', () => {
  const over: readonly [string, TokenOf][] = [
    ['for another audience', { audience: 'account' }],
    ['that has expired', { lifetime: '-1s' }],
    ['of another issuer', { issuer: 'summit-development' }],
    ['without a tenant', { claims: {} }],
  ];
  it.each(over)('%s', async (_what, of) => {
    await expect(service().verify(await issuer.sign(of))).rejects.toMatchObject(invalid);
  });

  it('without a signature: alg none (RFC 8725, 3.2)', async () => {
    const unsigned = new UnsecuredJWT({ tenant: 'acme' }).setIssuer(issuer.url).setAudience(AUDIENCE);
    const token = unsigned.setSubject('ann').setExpirationTime('1h').encode();
    await expect(service().verify(token)).rejects.toMatchObject(notAccepted);
  });

  it('signed with the public key as a secret: HMAC (RFC 8725, 2.1)', async () => {
    const { x = '', kid = '' } = issuer.publicKey;
    for (const secret of [base64url.decode(x), new TextEncoder().encode(JSON.stringify(issuer.publicKey))]) {
      const forged = new SignJWT({ tenant: 'acme' }).setProtectedHeader({ alg: 'HS256', kid });
      const named = forged.setIssuer(issuer.url).setAudience(AUDIENCE).setSubject('ann');
      const token = await named.setExpirationTime('1h').sign(secret);
      await expect(service().verify(token)).rejects.toMatchObject(notAccepted);
    }
  });

  it('whose claims were changed under the signature', async () => {
    const [head, , signature] = (await issuer.sign()).split('.');
    const [, claimsOfOther] = (await issuer.sign({ claims: { tenant: 'globex' } })).split('.');
    const token = [head, claimsOfOther, signature].join('.');
    await expect(service().verify(token)).rejects.toMatchObject(invalid);
  });
});
