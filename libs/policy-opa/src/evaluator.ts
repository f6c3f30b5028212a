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
/** An answer is at most this long, bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Evaluates policies in this thread.
 *
 * Owns the wasm instances, each of one policy with one tenant's data; partitions of a process share them. Knows
 * neither tenants nor verdicts. What it holds of a policy that trapped is made anew: its memory is in no known state.
 */
export class Evaluator {
  readonly #maxInstances: number;
  readonly #instances = new Map<PolicySource, PolicyInstance>();
  #input = Buffer.alloc(64 * 1024);

  constructor({ maxInstances = MAX_INSTANCES }: { readonly maxInstances?: number } = {}) {
    this.#maxInstances = maxInstances;
  }

  /** Never throws. `entry` is the entry point's number in the module, `input` JSON. */
  evaluate(source: PolicySource, entry: number, input: string): Result {
    let instance: PolicyInstance | undefined;
    try {
      instance = this.#instanceOf(source);
      const answer = instance.evaluate(entry, this.#encoded(input));
      if (answer.length > MAX_ANSWER_BYTES) return { kind: 'tooLong' };
      return { kind: 'answered', text: textOf(answer) };
    } catch (error) {
      this.#instances.delete(source);
      if (instance?.exhausted === true) return { kind: 'exhausted' };
      const why = error instanceof Error ? error.message : typeof error === 'string' ? error : 'unknown';
      return { kind: 'failed', why: why.slice(0, 200) };
    }
  }

  #encoded(input: string): Uint8Array {
    const most = input.length * 3; // UTF-8 needs at most three bytes a UTF-16 unit
    if (most > this.#input.length) this.#input = Buffer.alloc(most);
    return this.#input.subarray(0, this.#input.write(input, 0));
  }

  #instanceOf(source: PolicySource): PolicyInstance {
    const existing = this.#instances.get(source);
    if (existing && this.#instances.size === 1) return existing;
    if (existing) this.#instances.delete(source);
    const instance = existing ?? new PolicyInstance(source.module, source.data);
    this.#instances.set(source, instance); // last in the map = used last
    const oldest = this.#instances.keys().next();
    if (this.#instances.size > this.#maxInstances && !oldest.done) this.#instances.delete(oldest.value);
    return instance;
  }
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString();
