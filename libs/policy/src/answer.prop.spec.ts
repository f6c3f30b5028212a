import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readAnswer } from './answer.ts';

const policy = 'a'.repeat(64);
const terms = { quorum: 1, roles: ['approver'], ttl_s: 3600 };
const approval = { id: 'approval', type: 'approval', params: terms };

/** The one shape that allows: nothing beside the verdict but reasons (JSON knows no undefined members). */
const isExactAllow = (raw: unknown): boolean =>
  typeof raw === 'object' &&
  raw !== null &&
  Object.entries(raw)
    .flatMap(([name, member]) => (member === undefined ? [] : [name]))
    .sort()
    .join() === 'obligations,reasons,verdict' &&
  'verdict' in raw &&
  raw.verdict === 'allow' &&
  'obligations' in raw &&
  Array.isArray(raw.obligations) &&
  raw.obligations.length === 0 &&
  'reasons' in raw &&
  Array.isArray(raw.reasons) &&
  raw.reasons.every((reason) => typeof reason === 'string');

/** Values near a decision: each member right, absent, or anything. */
const near = fc.record(
  {
    verdict: fc.oneof(
      fc.constantFrom('allow', 'deny', 'require_approval', 'transform', 'Allow'),
      fc.anything(),
    ),
    reasons: fc.oneof(fc.array(fc.string()), fc.anything()),
    obligations: fc.oneof(fc.constantFrom([], [approval], [{ ...approval, type: 'dance' }]), fc.anything()),
    patch: fc.oneof(fc.constant([{ op: 'remove', path: '/a' }]), fc.anything()),
    effect: fc.constant('allow'),
  },
  { requiredKeys: [] },
);

describe('readAnswer', () => {
  it('[C5.1] allows nothing but an exact allow', () => {
    fc.assert(
      fc.property(fc.oneof(near, fc.anything()), (raw) => {
        const answer = readAnswer(policy, raw);
        expect(answer.verdict === 'allow').toBe(isExactAllow(raw));
      }),
      { numRuns: 20_000 },
    );
  });

  it('[C5.1] answers every value with a verdict and its reason, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(near, fc.anything()), (raw) => {
        const answer = readAnswer(policy, raw);
        expect(answer.policy).toBe(policy);
        if (answer.code !== undefined) expect(answer).toMatchObject({ verdict: 'deny', obligations: [] });
      }),
    );
  });
});
