import { beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type ClaimNames } from './claims.ts';
import { IssuerTokens } from './issuer-tokens.ts';

const ISSUER = 'https://login.example.com/realms/acme';
const plain: ClaimNames = { tenant: 'tenant', user: 'sub', roles: 'roles' };
const HOUR_MS = 3_600_000;

let secret: CryptoKey;
let tokens: (claims?: ClaimNames) => IssuerTokens;
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  secret = privateKey;
  const keyOf = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256' }] });
  tokens = (claims = plain) => new IssuerTokens({ issuer: ISSUER, audience: 'summit', claims, keyOf });
});

const payload = { iss: ISSUER, aud: ['account', 'summit'], sub: 'ann', tenant: 'acme' };
const seconds = (): number => Math.floor(Date.now() / 1000);
const signed = (over: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ ...payload, exp: seconds() + 60, ...over }).setProtectedHeader({ alg: 'RS256' }).sign(secret);

describe('a token of the issuer', () => {
  it('says who somebody is; without a claim for them, no roles', async () => {
    expect(await tokens().verify(await signed())).toMatchObject({ tenant: 'acme', user: 'ann', roles: [] });
    const withRoles = await tokens().verify(await signed({ roles: ['operator', 'reviewer'] }));
    expect(withRoles.roles).toEqual(['operator', 'reviewer']);
  });

  it('is believed until it expires, and never for an hour without another look', async () => {
    const exp = seconds() + 60;
    expect((await tokens().verify(await signed({ exp }))).expires).toBe(exp * 1000);
    const long = await tokens().verify(await signed({ exp: exp + 86_400 }));
    expect(long.expires).toBeLessThan(Date.now() + HOUR_MS);
  });

  it('says it in other claims where they are named: a URL, a path of members, words of one text', async () => {
    const names = { tenant: 'https://example.com/org', user: 'email', roles: 'realm_access.roles' };
    const claims = { 'https://example.com/org': 'globex', email: 'ann@example.com' };
    const token = await signed({ ...claims, realm_access: { roles: ['operator'] } });
    const who = { tenant: 'globex', user: 'ann@example.com', roles: ['operator'] };
    expect(await tokens(names).verify(token)).toMatchObject(who);
    const scoped = await signed({ scope: 'openid operator' });
    expect((await tokens({ ...plain, roles: 'scope' }).verify(scoped)).roles).toEqual(['openid', 'operator']);
  });
});

describe('refuses, and says why', () => {
  const refused: readonly [string, Record<string, unknown>, RegExp][] = [
    ['a token that has expired', { exp: 1 }, /expired/],
    ['a token that never expires', { exp: undefined }, /"exp"/],
    ['a token of tomorrow', { nbf: Date.now() / 1000 + 86_400 }, /"nbf"/],
    ['a token for somebody else', { aud: 'account' }, /"aud"/],
    ['a token without an audience', { aud: undefined }, /"aud"/],
    ['a token of another issuer', { iss: `${ISSUER}/` }, /another issuer/],
    ['a token without a tenant', { tenant: undefined }, /"tenant"/],
    ['an empty tenant', { tenant: '' }, /"tenant"/],
    ['a tenant that is no text', { tenant: ['acme'] }, /"tenant"/],
    ['roles that are no texts', { roles: [{ name: 'operator' }] }, /"roles"/],
  ];
  it.each(refused)('%s', async (_what, over, message) => {
    const verified = tokens().verify(await signed(over));
    await expect(verified).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('members that every object inherits are no claims', async () => {
    const names = { ...plain, tenant: 'constructor.name' };
    await expect(tokens(names).verify(await signed())).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it.each(['', 'garbage', 'a.b.c', 'e30.e30.'])('"%s"', async (text) => {
    await expect(tokens().verify(text)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });
});
