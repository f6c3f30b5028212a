import { assertNever, type Digest } from '@summit/kernel';
import { type PolicyAnswer } from './engine.ts';

/** Why the engine itself denies, where policy gave no usable answer. Each has a page in `docs/errors/`. */
export const DENIAL_CODES = [
  'NO_BUNDLE',
  'POLICY_BAD_SIGNATURE',
  'POLICY_ERROR',
  'POLICY_INPUT_TOO_LARGE',
  'POLICY_INVALID_RESULT',
  'POLICY_SUSPENDED',
  'POLICY_TIMEOUT',
  'POLICY_UNDEFINED',
  'POLICY_UNKNOWN_OBLIGATION',
] as const;
export type DenialCode = (typeof DENIAL_CODES)[number];

/** The answer where there is none: denied. */
export function denial(policy: Digest, code: DenialCode, detail?: string): PolicyAnswer {
  const sentence = sentenceOf(code);
  const reason = detail === undefined ? sentence : `${sentence} (${detail})`;
  return { policy, verdict: 'deny', reasons: [`${code}: ${reason}`], obligations: [], code };
}

function sentenceOf(code: DenialCode): string {
  switch (code) {
    case 'NO_BUNDLE':
      return 'the tenant has no policy bundle, so nothing is allowed; activate one';
    case 'POLICY_BAD_SIGNATURE':
      return 'the bundle is not signed by a trusted key; sign it, or trust its key';
    case 'POLICY_ERROR':
      return 'the policy failed while it was evaluated; see policy eval';
    case 'POLICY_INPUT_TOO_LARGE':
      return 'the question to the policy is longer than 64 KiB; propose less at once';
    case 'POLICY_INVALID_RESULT':
      return 'the policy answered with something that is no decision; mend the rule';
    case 'POLICY_SUSPENDED':
      return 'the policy ran out too often lately, so it was not evaluated; make the rule cheaper, ask again later';
    case 'POLICY_TIMEOUT':
      return 'the policy did not answer in time; make the rule cheaper';
    case 'POLICY_UNDEFINED':
      return 'no rule of the policy answers this; add a default decision';
    case 'POLICY_UNKNOWN_OBLIGATION':
      return 'the policy asks for a duty that this release does not know; remove it, or upgrade';
    default:
      return assertNever(code);
  }
}
