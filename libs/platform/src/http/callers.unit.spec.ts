import { describe, expect, it } from '@jest/globals';
import { type FastifyRequest } from 'fastify';
import { type TokenVerifier } from '../tokens/token-verifier.ts';
import { Callers } from './callers.ts';

/** Believes every token until then, and counts how often it looked. */
function believer(expires: number): { tokens: TokenVerifier; looks: () => number } {
  let looked = 0;
  const verify = (token: string) => {
    looked++;
    return Promise.resolve({ tenant: 'acme', user: token, roles: [], expires });
  };
  return { tokens: { verify }, looks: () => looked };
}

const request = (authorization: string): FastifyRequest =>
  ({ headers: { authorization } }) as Partial<FastifyRequest> as FastifyRequest;

describe('who is calling', () => {
  it('is known at once, without a promise, where the token was verified before', async () => {
    const { tokens, looks } = believer(Date.now() + 60_000);
    const callers = new Callers(tokens);
    await callers.identify(request('Bearer ann'));
    const again = callers.identify(request('Bearer ann'));
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toMatchObject({ tenant: 'acme', user: 'ann' });
    expect(looks()).toBe(1);
  });

  it('is looked up again when the token has expired', async () => {
    const { tokens, looks } = believer(Date.now() - 1);
    const callers = new Callers(tokens);
    await callers.identify(request('Bearer ann'));
    await callers.identify(request('Bearer ann'));
    expect(looks()).toBe(2);
  });

  it('is told by all of the token, whatever it ends in', async () => {
    const { tokens, looks } = believer(Date.now() + 60_000);
    const callers = new Callers(tokens);
    const end = 'e'.repeat(100);
    for (const user of ['ann', 'bob', 'ann'])
      expect(await callers.identify(request(`Bearer ${user}.${end}`))).toMatchObject({
        user: `${user}.${end}`,
      });
    expect(looks()).toBe(3);
  });

  it('is nobody without a token: TOKEN_MISSING', async () => {
    const callers = new Callers(believer(0).tokens);
    for (const authorization of ['', 'Bearer', 'Basic YTpi'])
      await expect(callers.identify(request(authorization))).rejects.toMatchObject({ code: 'TOKEN_MISSING' });
  });
});
