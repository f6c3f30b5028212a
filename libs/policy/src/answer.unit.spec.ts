import { describe, expect, it } from '@jest/globals';
import { readAnswer } from './answer.ts';

const policy = 'a'.repeat(64);
const terms = { quorum: 2, roles: ['approver'], ttl_s: 3600 };
const approval = { id: 'approval', type: 'approval', params: terms };
const plain = { reasons: [], obligations: [] };

describe('readAnswer', () => {
  it('takes over a denial with its reasons', () => {
    const answer = readAnswer(policy, { ...plain, verdict: 'deny', reasons: ['over budget'] });
    expect(answer).toEqual({ policy, verdict: 'deny', reasons: ['over budget'], obligations: [] });
  });

  it('[C3.2] takes over the terms of a question to people', () => {
    const answer = readAnswer(policy, { ...plain, verdict: 'require_approval', obligations: [approval] });
    expect(answer).toMatchObject({ verdict: 'require_approval', obligations: [approval] });
  });

  it('takes over the patch of a transform', () => {
    const patch = [{ op: 'replace', path: '/amountCents', value: 100 }];
    expect(readAnswer(policy, { ...plain, verdict: 'transform', patch })).toMatchObject({ patch });
  });

  it.each([
    ['nothing', undefined, 'POLICY_UNDEFINED'],
    ['another type', true, 'POLICY_INVALID_RESULT'],
    ['an unknown verdict', { ...plain, verdict: 'perhaps' }, 'POLICY_INVALID_RESULT'],
    ['an unknown member', { ...plain, verdict: 'allow', effect: 'allow' }, 'POLICY_INVALID_RESULT'],
    ['no reasons', { verdict: 'allow', obligations: [] }, 'POLICY_INVALID_RESULT'],
    [
      'an allow with a duty',
      { ...plain, verdict: 'allow', obligations: [approval] },
      'POLICY_INVALID_RESULT',
    ],
    ['a question without terms', { ...plain, verdict: 'require_approval' }, 'POLICY_INVALID_RESULT'],
    [
      'terms without a role',
      {
        ...plain,
        verdict: 'require_approval',
        obligations: [{ ...approval, params: { ...terms, roles: [] } }],
      },
      'POLICY_INVALID_RESULT',
    ],
    [
      'a duty that nobody knows',
      { ...plain, verdict: 'require_approval', obligations: [{ ...approval, type: 'dance' }] },
      'POLICY_UNKNOWN_OBLIGATION',
    ],
    ['a transform without a patch', { ...plain, verdict: 'transform' }, 'POLICY_INVALID_RESULT'],
    [
      'a patch that is none',
      { ...plain, verdict: 'transform', patch: [{ op: 'sing', path: '' }] },
      'POLICY_INVALID_RESULT',
    ],
  ])('[C5.1] denies %s, with a code and a sentence', (_, raw, code) => {
    const answer = readAnswer(policy, raw);
    expect(answer).toMatchObject({ policy, verdict: 'deny', obligations: [], code });
    expect(answer.reasons[0]).toMatch(new RegExp(`^${code}: .+`));
  });
});
