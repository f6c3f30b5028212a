import { describe, expect, it } from '@jest/globals';
import { readAnswer } from './answer.ts';

const policy = 'a'.repeat(64);
const terms = { quorum: 1, roles: ['approver'], ttl_s: 1e9, escalate: { roles: ['head'], ttl_s: 1e9 } };
const asks = (params: object, id = 'o') => ({
  verdict: 'require_approval',
  reasons: [],
  obligations: [{ id, type: 'approval', params }],
});
const denies = (reasons: readonly string[]) => ({ verdict: 'deny', reasons, obligations: [] });
const reason = 'x'.repeat(2048);

describe('readAnswer', () => {
  it.each([
    ['a question', asks(terms)],
    ['a denial', denies(Array.from({ length: 32 }, () => reason))],
  ])('takes over %s up to the bounds', (_, raw) => {
    expect(readAnswer(policy, raw)).toEqual({ policy, ...raw });
  });

  it.each([
    ['a time that never ends', asks({ ...terms, ttl_s: 1e306 })],
    ['a second time that never ends', asks({ ...terms, escalate: { roles: ['head'], ttl_s: 1e9 + 1 } })],
    ['many roles', asks({ ...terms, roles: Array.from({ length: 101 }, String) })],
    ['a long name', asks(terms, 'x'.repeat(257))],
    ['a long reason', denies([`${reason}x`])],
    ['many reasons', denies(Array.from({ length: 33 }, String))],
    ['a long member that nobody knows', { ...denies([]), [reason]: 1 }],
  ])('[C5.1] denies %s, in few words', (_, raw) => {
    const answer = readAnswer(policy, raw);
    expect(answer).toMatchObject({ verdict: 'deny', code: 'POLICY_INVALID_RESULT', obligations: [] });
    expect(answer.reasons.join().length).toBeLessThan(1000);
  });
});
