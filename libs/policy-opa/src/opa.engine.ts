import { assertNever, type Digest, InvalidInputError, ZERO_DIGEST } from '@summit/kernel';
import {
  denial,
  MAX_INPUT_BYTES,
  type PolicyAnswer,
  type PolicyEngine,
  type PolicyIdentity,
  type PolicyRequest,
  readAnswer,
  ROOT_ENTRY,
} from '@summit/policy';
import { type Bundle } from './bundle.ts';
import { Evaluator, type PolicySource, type Result } from './evaluator.ts';
import { StallAllowance } from './stall.ts';

/** Answers remembered by their text, for each policy. */
const MAX_READ = 1000;

export interface OpaEngineOptions {
  /** The release's root policy. */
  readonly root: Bundle;
  /** What decides for tenants without a bundle of their own; without it nothing is allowed to them. */
  readonly fallback?: Bundle;
  /** Shared with the engines of other partitions of the process. */
  readonly evaluator?: Evaluator;
  /**
   * Evaluates however often a policy runs out: for whoever re-evaluates and keeps nobody waiting. Without it such a
   * policy is denied unevaluated (`POLICY_SUSPENDED`) once it has held its caller up for too long.
   */
  readonly patient?: boolean;
}

/** A policy engine on OPA's wasm. */
export interface OpaPolicyEngine extends PolicyEngine {
  /** From now on this bundle decides for the tenant. The governed commit that says so is the caller's. */
  activate(tenant: string, bundle: Bundle): PolicyIdentity;
}

/** A bundle that decides for one tenant. */
interface Active extends PolicySource {
  readonly bundle: Bundle;
  /** Answers already read: the same text is the same answer. */
  readonly read: Map<string, PolicyAnswer>;
}

/**
 * Decides with OPA's wasm, metered, in the caller's thread; `docs/adr/0016-policy-metered-in-thread.md` says why.
 * Each tenant has an instance with its own data alone. // I8
 */
export function opaPolicyEngine(options: OpaEngineOptions): OpaPolicyEngine {
  return new OpaEngine(options);
}

class OpaEngine implements OpaPolicyEngine {
  readonly #evaluator: Evaluator;
  readonly #stalls: StallAllowance | undefined;
  readonly #root: Active;
  readonly #fallback: Bundle | undefined;
  readonly #tenants = new Map<string, Active>();
  readonly #known = new WeakMap<Bundle, Map<string, Active>>();

  constructor({ root, fallback, evaluator = new Evaluator(), patient = false }: OpaEngineOptions) {
    if (!root.entries.has(ROOT_ENTRY)) {
      throw new InvalidInputError(
        'POLICY_BUNDLE_INVALID',
        `the root bundle lacks ${ROOT_ENTRY}`,
        'Use the one of the release.',
      );
    }
    this.#evaluator = evaluator;
    this.#stalls = patient ? undefined : new StallAllowance();
    this.#root = this.#loaded('', root);
    this.#fallback = fallback;
  }

  activate(tenant: string, bundle: Bundle): PolicyIdentity {
    this.#tenants.set(tenant, this.#loaded(tenant, bundle));
    return bundle.identity;
  }

  active(tenant: string): PolicyIdentity | undefined {
    return (this.#tenants.get(tenant)?.bundle ?? this.#fallback)?.identity;
  }

  root(): PolicyIdentity {
    return this.#root.bundle.identity;
  }

  decide(requests: readonly PolicyRequest[]): PolicyAnswer[] {
    return requests.map((request) => this.#decide(request));
  }

  #decide(request: PolicyRequest): PolicyAnswer {
    const active = this.#activeFor(request);
    if (active === undefined) return denial(ZERO_DIGEST, 'NO_BUNDLE');
    const { policy } = active.bundle.identity;
    if (isLonger(request.input, MAX_INPUT_BYTES)) return denial(policy, 'POLICY_INPUT_TOO_LARGE');
    const entry = active.bundle.entries.get(request.entry);
    if (entry === undefined) return denial(policy, 'POLICY_UNDEFINED', request.entry);
    const began = performance.now();
    if (this.#stalls?.quiet === false && !this.#stalls.permits(stallKey(active, request), began))
      return denial(policy, 'POLICY_SUSPENDED');
    const result = this.#evaluator.evaluate(active, entry, request.input);
    if (result.kind === 'answered') return readOnce(active, result.text);
    const now = performance.now();
    this.#stalls?.charge(stallKey(active, request), now - began, now);
    return denied(policy, result);
  }

  #activeFor({ tenant, entry }: PolicyRequest): Active | undefined {
    if (entry === ROOT_ENTRY) return this.#root;
    return this.#tenants.get(tenant) ?? (this.#fallback && this.#loaded(tenant, this.#fallback));
  }

  /** The policy with this tenant's instance, made when it is first needed. // I8 */
  #loaded(tenant: string, bundle: Bundle): Active {
    const known = this.#known.get(bundle) ?? new Map<string, Active>();
    const existing = known.get(tenant);
    if (existing) return existing;
    const { module, data } = bundle;
    const active = { bundle, module, data, read: new Map() };
    this.#known.set(bundle, known.set(tenant, active));
    return active;
  }
}

/** No answer is a denial. */
function denied(policy: Digest, result: Exclude<Result, { kind: 'answered' }>): PolicyAnswer {
  switch (result.kind) {
    case 'exhausted':
      return denial(policy, 'POLICY_TIMEOUT');
    case 'failed':
      return denial(policy, 'POLICY_ERROR', result.why);
    case 'tooLong':
      return denial(policy, 'POLICY_INVALID_RESULT', 'the answer is longer than 1 MiB');
    default:
      return assertNever(result);
  }
}

function readOnce({ bundle, read }: Active, text: string): PolicyAnswer {
  return read.get(text) ?? remember(read, text, readResult(bundle.identity.policy, text));
}

/** Reads `[{"result": …}]`; anything else is no decision. */
function readResult(policy: Digest, text: string): PolicyAnswer {
  try {
    const set: unknown = JSON.parse(text);
    if (!Array.isArray(set) || set.length > 1) return denial(policy, 'POLICY_INVALID_RESULT');
    const [only] = set as { result?: unknown }[];
    return readAnswer(policy, only?.result);
  } catch {
    return denial(policy, 'POLICY_INVALID_RESULT', 'no JSON');
  }
}

function remember(read: Map<string, PolicyAnswer>, text: string, answer: PolicyAnswer): PolicyAnswer {
  if (read.size >= MAX_READ) read.clear();
  read.set(text, answer);
  return answer;
}

const stallKey = ({ bundle }: Active, { tenant, entry }: PolicyRequest): string =>
  `${bundle.identity.policy} ${tenant} ${entry}`;

/** Whether a text has more UTF-8 bytes; measured only where its length leaves a doubt. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || Buffer.byteLength(text) > bytes;
}
