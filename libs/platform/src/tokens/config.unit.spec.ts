import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { tokensConfig, tokenVerifier } from './config.ts';
import { DevelopmentTokens } from './development-tokens.ts';

const schema = z.object({ SUMMIT_DATA: z.string(), ...tokensConfig });
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-tokens-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function started(environment: Record<string, string>) {
  const said: string[] = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  const config = readConfig(schema, { SUMMIT_DATA: dir, ...environment });
  return { verifier: tokenVerifier(config, { info: say, warn: say }), said };
}

describe('whose tokens a service believes', () => {
  it.each([{}, { SUMMIT_OIDC_ISSUER: '', SUMMIT_OIDC_AUDIENCE: '', SUMMIT_OIDC_JWKS_URL: '' }])(
    'without an issuer those of the data directory, and the log says so once: %j',
    async (environment) => {
      const who = { tenant: 'acme', user: 'ann', roles: ['operator'] };
      const { verifier, said } = started(environment);
      expect(await verifier.verify(await new DevelopmentTokens(dir).sign(who))).toMatchObject(who);
      expect(said).toEqual([expect.stringContaining('development tokens')]);
    },
  );

  const wrong: readonly [string, Record<string, string>, string][] = [
    ['no audience', { SUMMIT_OIDC_ISSUER: 'https://login.example.com' }, 'SUMMIT_OIDC_AUDIENCE'],
    ['an audience alone', { SUMMIT_OIDC_AUDIENCE: 'summit' }, 'SUMMIT_OIDC_ISSUER'],
    ['keys alone', { SUMMIT_OIDC_JWKS_URL: 'https://login.example.com/keys' }, 'SUMMIT_OIDC_ISSUER'],
    ['an issuer in clear', { SUMMIT_OIDC_ISSUER: 'http://login.example.com' }, 'SUMMIT_OIDC_ISSUER'],
    ['an issuer that is no URL', { SUMMIT_OIDC_ISSUER: 'login' }, 'SUMMIT_OIDC_ISSUER'],
    ['keys in clear', { SUMMIT_OIDC_JWKS_URL: 'http://127.0.0.1.example.com' }, 'SUMMIT_OIDC_JWKS_URL'],
  ];
  it.each(wrong)('%s: it does not start, and names the variable', (_what, environment, name) => {
    const refusal = { code: 'CONFIG_INVALID', message: expect.stringContaining(name) as unknown };
    expect(() => started(environment)).toThrow(expect.objectContaining(refusal));
  });
});
