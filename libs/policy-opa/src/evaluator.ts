import { PolicyInstance } from './instance.ts';

/** A policy as an evaluator gets it: a metered module, and data (JSON, UTF-8) of one tenant. */
export interface PolicySource {
  readonly module: WebAssembly.Module;
  readonly data: Uint8Array;
}

/** What came of an evaluation. */
export type Result =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'tooLong' }
  /** It took more work than an evaluation may. */
  | { readonly kind: 'exhausted' };

/** Instances kept alive; further tenants' are made again when they are asked. */
const MAX_INSTANCES = 128;

/**
 * Evaluates policies in this thread.
 *
 * Owns the wasm instances, each of one policy with one tenant's data; partitions of a process share them. Knows
 * neither tenants nor verdicts. What it holds of a policy that trapped is made anew: its memory is in no known state.
 */
export class Evaluator {
  readonly #maxInstances: number;
  readonly #instances = new Map<PolicySource, PolicyInstance>();
  #last: { readonly source: PolicySource; readonly instance: PolicyInstance } | undefined;

  constructor({ maxInstances = MAX_INSTANCES }: { readonly maxInstances?: number } = {}) {
    this.#maxInstances = maxInstances;
  }

  /** Never throws. `entry` is the entry point's number in the module, `input` JSON. */
  evaluate(source: PolicySource, entry: number, input: string): Result {
    let instance: PolicyInstance | undefined;
    try {
      instance = this.#instanceOf(source);
      const text = instance.evaluate(entry, input);
      return text === undefined ? { kind: 'tooLong' } : { kind: 'answered', text };
    } catch (error) {
      this.#instances.delete(source);
      this.#last = undefined;
      if (instance?.exhausted === true) return { kind: 'exhausted' };
      const why = error instanceof Error ? error.message : typeof error === 'string' ? error : 'unknown';
      return { kind: 'failed', why: why.slice(0, 200) };
    }
  }

  #instanceOf(source: PolicySource): PolicyInstance {
    if (this.#last?.source === source) return this.#last.instance;
    const instance = this.#instances.get(source) ?? new PolicyInstance(source.module, source.data);
    this.#last = { source, instance };
    this.#instances.delete(source);
    this.#instances.set(source, instance); // last in the map = used last
    const oldest = this.#instances.keys().next();
    if (this.#instances.size > this.#maxInstances && !oldest.done) this.#instances.delete(oldest.value);
    return instance;
  }
}
