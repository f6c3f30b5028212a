import { type PolicySource } from './channel.ts';
import { Evaluator, type EvaluatorOptions, type Job, type JobResult } from './evaluator.ts';

/**
 * Two evaluators, one at work and one that waits warm, so that a policy which hangs costs its deadline and no more.
 * Knows every policy that was loaded, and gives them all to each new worker.
 */
export class EvaluatorPool {
  readonly #options: EvaluatorOptions;
  readonly #sources: PolicySource[] = [];
  readonly #handles = new Map<string, number>();
  #current: Evaluator;
  #spare: Evaluator;
  #closed = false;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#current = this.#start();
    this.#spare = this.#start();
  }

  /** Makes a policy known under a key of its own, once; its handle. `data` is JSON in UTF-8. */
  load(key: string, module: WebAssembly.Module, data: Uint8Array): number {
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    const source = { handle: this.#sources.length, module, data };
    this.#handles.set(key, source.handle);
    this.#sources.push(source);
    this.#current.load(source);
    this.#spare.load(source);
    return source.handle;
  }

  /** Answers all jobs, in order. Blocks at most one deadline for each job that hangs. */
  run(jobs: readonly Job[]): JobResult[] {
    const results: JobResult[] = [];
    while (results.length < jobs.length) {
      if (this.#closed) return jobs.map(() => ({ kind: 'failed', why: 'the engine is closed' }));
      if (!this.#current.alive) this.#replace();
      results.push(...this.#current.run(results.length === 0 ? jobs : jobs.slice(results.length)));
    }
    return results;
  }

  close(): void {
    this.#closed = true;
    this.#current.stop();
    this.#spare.stop();
  }

  #replace(): void {
    this.#current = this.#spare.alive ? this.#spare : this.#start();
    this.#spare = this.#start();
  }

  #start(): Evaluator {
    const evaluator = new Evaluator(this.#options);
    for (const source of this.#sources) evaluator.load(source);
    return evaluator;
  }
}
