import { type Obligation, type Verdict } from '@summit/events';
import { canonicalJson, type Digest, type Json, sha256 } from '@summit/kernel';
import { type DenialCode } from './denial.ts';

/** One question. */
export interface PolicyRequest {
  readonly tenant: string;
  /** Entry point, such as `summit/action/decision`; see `entryFor`. */
  readonly entry: string;
  /** The `PolicyInput` as canonical JSON text (RFC 8785): what is evaluated is what is recorded. */
  readonly input: string;
}

/** One answer. `deny` with a `code` where policy itself did not answer. */
export interface PolicyAnswer {
  /** Identity of the bundle that decided: {@link PolicyIdentity.policy}. */
  readonly policy: Digest;
  readonly verdict: Verdict;
  /** Codes or sentences, for the record and for whoever is refused. */
  readonly reasons: readonly string[];
  readonly obligations: readonly Obligation[];
  /** RFC 6902 patch of the arguments; with `transform` alone. */
  readonly patch?: Json;
  /** Why nothing could be decided. */
  readonly code?: DenialCode;
}

/** Everything that a re-evaluation needs to find the same policy again. */
export interface PolicyIdentity {
  /** SHA-256 of the canonical JSON of the rest. */
  readonly policy: Digest;
  /** The bundle as stored (tar.gz). */
  readonly bundle: Digest;
  readonly wasm: Digest;
  /** Canonical JSON of the bundle's data. */
  readonly data: Digest;
  /** The evaluator, by name and version. */
  readonly engine: string;
}

/**
 * Decides. Owned by a leader.
 *
 * `decide` is synchronous, answers in order, one answer a request; it never throws and each evaluation ends within
 * 50 ms: what can not be decided is denied, with a code. Implementations MUST evaluate a tenant's request
 * against that tenant's data alone (I8), and `summit/root/decision` against the root policy.
 */
export interface PolicyEngine {
  decide(requests: readonly PolicyRequest[]): PolicyAnswer[];
  /** What decides for a tenant now; undefined where it has no bundle (then everything but root is denied). */
  active(tenant: string): PolicyIdentity | undefined;
  /** The root policy's own identity. */
  root(): PolicyIdentity;
}

/** Completes an identity with its digest. */
export function policyIdentity(parts: Omit<PolicyIdentity, 'policy'>): PolicyIdentity {
  const { bundle, wasm, data, engine } = parts;
  return { policy: sha256(canonicalJson({ bundle, wasm, data, engine })), bundle, wasm, data, engine };
}
