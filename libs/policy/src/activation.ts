import { canonicalJson, type Digest, type Instant } from '@summit/kernel';
import { type PolicyRequest } from './engine.ts';
import { entryFor } from './entry.ts';
import { type PolicyInput } from './input.ts';

/** Who wants which bundle to decide for a tenant. */
export interface Activation {
  readonly kind: 'bundle.activate' | 'bundle.rollback';
  readonly tenant: string;
  readonly bundle: Digest;
  readonly user: string;
  readonly roles: readonly string[];
}

/** The question whether a bundle becomes active; the root policy's alone. `verified`: its signature was. */
export function activationRequest(activation: Activation, verified: boolean, now: Instant): PolicyRequest {
  const { kind, tenant, bundle, user, roles } = activation;
  const input: PolicyInput = {
    v: 1,
    tenant,
    now,
    actor: { kind: 'user', id: user, roles: [...roles] },
    action: { kind, name: 'bundle', digest: bundle, verified },
  };
  return { tenant, entry: entryFor(kind), input: canonicalJson(input) };
}
