import { describe, expect, it } from '@jest/globals';
import { type PolicyInput } from './input.ts';
import { policyTwin, twinAllow, twinDeny } from './twin.ts';

const input: PolicyInput = {
  v: 1,
  tenant: 'acme',
  now: 1,
  actor: { kind: 'user', id: 'alice', roles: [] },
  action: { kind: 'sleep', name: 'sleep', ms: 10 },
};
const request = { tenant: 'acme', entry: 'summit/action/decision', input: JSON.stringify(input) };

describe('policyTwin', () => {
  it('answers in order, by its rule', () => {
    const twin = policyTwin(({ action }) => (action.name === 'sleep' ? twinAllow : twinDeny('no')));
    const other = { ...request, input: request.input.replace('"name":"sleep"', '"name":"nap"') };
    expect(twin.decide([request, other]).map(({ verdict }) => verdict)).toEqual(['allow', 'deny']);
    expect(twin.decide([request])[0]?.policy).toBe(twin.active('acme')?.policy);
  });

  it('[C5.1] denies what its rule throws at, what is no question, and what is too long', () => {
    const twin = policyTwin(() => {
      throw new Error('broken');
    });
    const long = { ...request, input: `"${'x'.repeat(64 * 1024)}"` };
    const codes = twin.decide([request, { ...request, input: '{}' }, long]).map(({ code }) => code);
    expect(codes).toEqual(['POLICY_ERROR', 'POLICY_ERROR', 'POLICY_INPUT_TOO_LARGE']);
  });
});
