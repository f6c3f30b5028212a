import { type Digest, InvalidInputError, ZERO_DIGEST } from '@summit/kernel';
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
import { type EvaluatorOptions, type Job, type JobResult } from './evaluator.ts';
import { EvaluatorPool } from './pool.ts';
import { StallAllowance } from './stall.ts';

/** An evaluation ends after this many milliseconds, denied. */
export const DEADLINE_MS = 50;
/** Instances kept alive; further tenants' are made again when they are asked. */
const MAX_INSTANCES = 128;
/** Answers remembered by their text, for each policy. */
const MAX_READ = 1000;

export interface OpaEngineOptions {
  /** The release's root policy. */
  readonly root: Bundle;
  /** What decides for tenants without a bundle of their own; without it nothing is allowed to them. */
  readonly fallback?: Bundle;
  /** Threads to share with the engines of other partitions; without them the engine starts its own. */
  readonly pool?: EvaluatorPool;
}

/** Starts the threads that evaluate. Whoever starts them closes them. */
export function evaluatorPool(options: Partial<EvaluatorOptions> = {}): EvaluatorPool {
  return new EvaluatorPool({ deadlineMs: DEADLINE_MS, maxInstances: MAX_INSTANCES, ...options });
}

/** A policy engine on OPA's wasm. */
export interface OpaPolicyEngine extends PolicyEngine {
  /** From now on this bundle decides for the tenant. The governed commit that says so is the caller's. */
  activate(tenant: string, bundle: Bundle): PolicyIdentity;
  /** Ends the threads that are its own; what is asked afterwards is denied. */
  close(): void;
}

/** A bundle that decides for one tenant. */
interface Active {
  readonly bundle: Bundle;
  readonly handle: number;
  /** Answers already read: the same text is the same answer. */
  readonly read: Map<string, PolicyAnswer>;
}

interface Question {
  readonly active: Active;
  readonly request: PolicyRequest;
  readonly job: Job;
  readonly at: number;
}

/**
 * Decides with OPA's wasm in a worker thread, called synchronously; `docs/adr/0003-policy-in-a-worker.md` says why.
 * Each tenant has an instance with its own data alone. // I8
 */
export function opaPolicyEngine(options: OpaEngineOptions): OpaPolicyEngine {
  return new OpaEngine(options);
}

class OpaEngine implements OpaPolicyEngine {
  readonly #pool: EvaluatorPool;
  readonly #ownsPool: boolean;
  readonly #stalls = new StallAllowance();
  readonly #root: Active;
  readonly #fallback: Bundle | undefined;
  readonly #tenants = new Map<string, Active>();
  readonly #known = new Map<string, Active>();

  constructor({ root, fallback, pool }: OpaEngineOptions) {
    if (!root.entries.has(ROOT_ENTRY)) {
      throw new InvalidInputError(
        'POLICY_BUNDLE_INVALID',
        `the root bundle lacks ${ROOT_ENTRY}`,
        'Use the one of the release.',
      );
    }
    this.#pool = pool ?? evaluatorPool();
    this.#ownsPool = pool === undefined;
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

  close(): void {
    if (this.#ownsPool) this.#pool.close();
  }

  decide(requests: readonly PolicyRequest[]): PolicyAnswer[] {
    return this.ask(requests)();
  }

  ask(requests: readonly PolicyRequest[]): () => PolicyAnswer[] {
    const answers: PolicyAnswer[] = [];
    const questions: Question[] = [];
    for (const [at, request] of requests.entries()) {
      const question = this.#ask(request, at);
      if ('job' in question) questions.push(question);
      else answers[at] = question;
    }
    const take = this.#begin(questions);
    return () => {
      for (const [i, result] of take().entries()) {
        const question = questions[i];
        if (question) answers[question.at] = this.#answer(question, result);
      }
      return answers;
    };
  }

  /** The evaluation that a request needs, or the denial that it gets without one. */
  #ask(request: PolicyRequest, at: number): Question | PolicyAnswer {
    const active = this.#activeFor(request);
    if (active === undefined) return denial(ZERO_DIGEST, 'NO_BUNDLE');
    const { policy } = active.bundle.identity;
    if (isLonger(request.input, MAX_INPUT_BYTES)) return denial(policy, 'POLICY_INPUT_TOO_LARGE');
    const entry = active.bundle.entries.get(request.entry);
    if (entry === undefined) return denial(policy, 'POLICY_UNDEFINED', request.entry);
    if (!this.#stalls.permits(stallKey(active, request), performance.now())) {
      return denial(
        policy,
        'POLICY_TIMEOUT',
        'not evaluated: it has used up the time it may keep others waiting',
      );
    }
    return { active, request, job: { handle: active.handle, entry, input: request.input }, at };
  }

  #begin(questions: readonly Question[]): () => JobResult[] {
    if (questions.length === 0) return () => [];
    const take = this.#pool.begin(questions.map(({ job }) => job));
    return () => {
      const began = performance.now();
      const results = take();
      const hung = questions.filter((_, i) => results[i]?.kind === 'timeout');
      const now = performance.now();
      for (const { active, request } of hung) {
        this.#stalls.charge(stallKey(active, request), (now - began) / hung.length, now);
      }
      return results;
    };
  }

  #answer({ active, request }: Question, result: JobResult): PolicyAnswer {
    const { policy } = active.bundle.identity;
    switch (result.kind) {
      case 'timeout':
        return denial(policy, 'POLICY_TIMEOUT');
      case 'failed':
        return denial(policy, 'POLICY_ERROR', result.why);
      case 'noEntry':
        return denial(policy, 'POLICY_UNDEFINED', request.entry);
      case 'tooLong':
        return denial(policy, 'POLICY_INVALID_RESULT', 'the answer is longer than 1 MiB');
      case 'answered':
        return (
          active.read.get(result.text) ?? remember(active.read, result.text, readResult(policy, result.text))
        );
    }
  }

  #activeFor({ tenant, entry }: PolicyRequest): Active | undefined {
    if (entry === ROOT_ENTRY) return this.#root;
    return this.#tenants.get(tenant) ?? (this.#fallback && this.#loaded(tenant, this.#fallback));
  }

  /** The policy with this tenant's instance, made when it is first needed. // I8 */
  #loaded(tenant: string, bundle: Bundle): Active {
    const key = `${bundle.identity.policy} ${tenant}`;
    const known = this.#known.get(key);
    if (known) return known;
    const handle = this.#pool.load(key, bundle.module, bundle.data);
    const active = { bundle, handle, read: new Map() };
    this.#known.set(key, active);
    return active;
  }
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

const stallKey = ({ handle }: Active, { entry }: PolicyRequest): string => `${String(handle)} ${entry}`;

/** Whether a text has more UTF-8 bytes; measured only where its length leaves a doubt. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || Buffer.byteLength(text) > bytes;
}
