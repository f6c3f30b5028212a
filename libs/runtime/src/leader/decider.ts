/**
 * Decides work: plans it, asks policy, records what was decided, one piece after another.
 *
 * 1. Nothing changes between a plan and its record: policy answers within the same call.
 * 2. What the answers make a task ask further is asked at once.
 * 3. What work throws is its own: it is refused, the rest goes on.
 * 4. Work that is put aside keeps its entity's later work behind it, in order; other entities do not notice.
 */
import { type PolicyAnswer, type PolicyEngine } from '@summit/policy';
import { type Task, type Work } from './desk.ts';

const NO_ANSWERS: readonly PolicyAnswer[] = [];

export class Decider {
  readonly #policy: PolicyEngine;
  readonly #refuse: (work: Work, error: unknown) => void;
  /** Work put aside, by entity. */
  readonly #aside = new Map<string, Work[]>();

  constructor(policy: PolicyEngine, refuse: (work: Work, error: unknown) => void) {
    this.#policy = policy;
    this.#refuse = refuse;
  }

  /** Keeps work, and what comes for its entity, until {@link takeBack}. */
  putAside(work: Work): void {
    this.#aside.set(work.entity, [work]);
  }

  /** What was kept for an entity, in order: to be decided next. */
  takeBack(entity: string): readonly Work[] {
    const kept = this.#aside.get(entity) ?? [];
    this.#aside.delete(entity);
    return kept;
  }

  /** Decides all of it, in the order given. */
  decide(batch: readonly Work[]): void {
    for (const work of batch) {
      const aside = this.#aside.size > 0 ? this.#aside.get(work.entity) : undefined;
      if (aside) aside.push(work);
      else this.#decide(work);
    }
  }

  #decide(work: Work): void {
    try {
      const task = work.plan();
      if (task) this.#finish(task);
    } catch (error) {
      this.#refuse(work, error);
    }
  }

  #finish(task: Task): void {
    const { requests } = task;
    const answers = requests.length === 0 ? NO_ANSWERS : this.#policy.decide(requests);
    const further = task.more?.(answers);
    if (further) this.#finish(further);
    else task.conclude(answers);
  }
}
