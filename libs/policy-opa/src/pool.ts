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
  /** Takes the results of the batch that is under way. */
  #open: (() => JobResult[]) | undefined;

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

  /**
   * Starts on the jobs and gives back what takes their results, in order. Whoever takes them waits for what is still
   * missing: one deadline at most for each job that hangs. Asked again before that, the pool finishes the first batch.
   */
  begin(jobs: readonly Job[]): () => JobResult[] {
    this.#open?.();
    let results: JobResult[] | undefined;
    const begun = this.#beginOn(jobs);
    const take = (): JobResult[] => {
      if (this.#open === take) this.#open = undefined;
      results ??= this.#finish(jobs, begun);
      return results;
    };
    this.#open = take;
    return take;
  }

  #finish(jobs: readonly Job[], begun: Evaluator | undefined): JobResult[] {
    const results: JobResult[] = begun ? begun.finish() : [];
    while (results.length < jobs.length) {
      const evaluator = this.#beginOn(jobs.slice(results.length));
      if (!evaluator) return jobs.map(() => ({ kind: 'failed', why: 'the engine is closed' }));
      results.push(...evaluator.finish());
    }
    return results;
  }

  #beginOn(jobs: readonly Job[]): Evaluator | undefined {
    if (this.#closed) return undefined;
    if (!this.#current.alive) this.#replace();
    this.#current.begin(jobs);
    return this.#current;
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
