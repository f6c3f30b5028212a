import { sha256, ZERO_DIGEST } from '@summit/kernel';
import { readAnswer } from './answer.ts';
import { denial } from './denial.ts';
import { type PolicyAnswer, type PolicyEngine, policyIdentity, type PolicyRequest } from './engine.ts';
import { MAX_INPUT_BYTES, type PolicyInput, policyInputSchema } from './input.ts';

/** A rule of the twin: what a policy would answer, still to be read; throwing is an evaluation error. */
export type TwinRule = (input: PolicyInput, request: PolicyRequest) => unknown;

/** The plainest answers, for rules of the twin. */
export const twinAllow = { verdict: 'allow', reasons: [], obligations: [] } as const;
export const twinDeny = (...reasons: string[]) => ({ verdict: 'deny', reasons, obligations: [] }) as const;

/** The policy engine in memory, for tests: the same port, rules in TypeScript, one policy for every tenant. */
export function policyTwin(rule: TwinRule, name = 'twin'): PolicyEngine {
  const identity = policyIdentity({
    bundle: sha256(name),
    wasm: ZERO_DIGEST,
    data: ZERO_DIGEST,
    engine: 'twin',
  });
  const answer = (request: PolicyRequest): PolicyAnswer => {
    if (new TextEncoder().encode(request.input).length > MAX_INPUT_BYTES)
      return denial(identity.policy, 'POLICY_INPUT_TOO_LARGE');
    try {
      const input = policyInputSchema.parse(JSON.parse(request.input));
      return readAnswer(identity.policy, rule(input, request));
    } catch (error) {
      return denial(identity.policy, 'POLICY_ERROR', error instanceof Error ? error.message : String(error));
    }
  };
  return {
    decide: (requests) => requests.map(answer),
    active: () => identity,
    root: () => identity,
  };
}
