import { sha256 } from '@summit/kernel';
import { type PolicyEngine, policyTwin } from '@summit/policy';
import { openBundle, opaPolicyEngine, readPolicies, releasePolicies, tenantBundle } from '@summit/policy-opa';
import { type TestOptions } from './tested-run.ts';

/** Decides as a stack would: by the release's policies, with an app's own data over them; or by a rule. */
export async function policyOf(policies: TestOptions['policies']): Promise<PolicyEngine> {
  if (typeof policies === 'function') return policyTwin(policies);
  const { root, development } = await releasePolicies();
  if (policies === undefined) return opaPolicyEngine({ root, fallback: development });
  const bytes = await tenantBundle({ base: development.bytes, files: await readPolicies(policies) });
  return opaPolicyEngine({ root, fallback: await openBundle(bytes, { pinned: sha256(bytes) }) });
}
