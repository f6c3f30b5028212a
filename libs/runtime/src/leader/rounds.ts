/**
 * Decides work: plans it, asks policy, records what was decided.
 *
 * 1. Work goes in rounds. While policy evaluates one round's questions, the next round is planned and the one before
 *    is recorded, so that the leader hardly ever waits for policy.
 * 2. Of one entity one task is open at a time: work on an entity of an open round waits for a later one.
 * 3. What work throws is its own: it is refused, the rest goes on.
 * 4. Work that is put aside keeps its entity's later work behind it, in order; other entities do not notice.
 */
import { type PolicyAnswer, type PolicyEngine, type PolicyRequest } from '@summit/policy';
import { type Task, type Work } from './desk.ts';

/** Work of one round at most: enough to be worth waking the evaluator, few enough that rounds overlap in a turn. */
const ROUND = 16;

/** A round whose plans are made. */
interface Round {
  readonly planned: readonly { readonly work: Work; readonly open: Task; readonly from: number }[];
  readonly requests: readonly PolicyRequest[];
}

/** A round whose questions are under way. */
interface Asked extends Round {
  readonly take: () => readonly PolicyAnswer[];
}

export class Rounds {
  readonly #policy: PolicyEngine;
  readonly #refuse: (work: Work, error: unknown) => void;
  /** Entities with an open task. */
  readonly #busy = new Set<string>();
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

  /** Decides all of it; in the order given for each entity. */
  decide(batch: readonly Work[]): void {
    let queue: readonly Work[] = batch;
    let asked: Asked | undefined;
    while (queue.length > 0 || asked) {
      const [round, waiting] = this.#plan(queue);
      const answers = asked?.take() ?? [];
      const before = asked;
      asked = round && { ...round, take: this.#ask(round.requests) };
      if (before) this.#conclude(before, answers);
      queue = waiting;
    }
  }

  #ask(requests: readonly PolicyRequest[]): () => readonly PolicyAnswer[] {
    return requests.length === 0 ? () => [] : this.#policy.ask(requests);
  }

  /** The next round of a queue, and what did not get into it, in order. */
  #plan(queue: readonly Work[]): [Round | undefined, readonly Work[]] {
    const planned: { work: Work; open: Task; from: number }[] = [];
    const requests: PolicyRequest[] = [];
    const passed: Work[] = [];
    const passedEntities = new Set<string>();
    let at = 0;
    for (; at < queue.length && planned.length < ROUND; at++) {
      const work = queue[at];
      if (!work) break;
      const aside = this.#aside.size > 0 ? this.#aside.get(work.entity) : undefined;
      if (aside) {
        aside.push(work);
        continue;
      }
      if (this.#busy.has(work.entity) || passedEntities.has(work.entity)) {
        passedEntities.add(work.entity);
        passed.push(work);
        continue;
      }
      const open = this.#planned(work);
      if (!open) continue;
      this.#busy.add(work.entity);
      planned.push({ work, open, from: requests.length });
      for (const request of open.requests) requests.push(request);
    }
    const waiting = at < queue.length ? [...passed, ...queue.slice(at)] : passed;
    return [planned.length > 0 ? { planned, requests } : undefined, waiting];
  }

  #planned(work: Work): Task | undefined {
    try {
      return work.plan();
    } catch (error) {
      this.#refuse(work, error);
      return undefined;
    }
  }

  #conclude({ planned }: Round, answers: readonly PolicyAnswer[]): void {
    for (const { work, open, from } of planned) {
      this.#busy.delete(work.entity);
      try {
        open.conclude(answers.slice(from, from + open.requests.length));
      } catch (error) {
        this.#refuse(work, error);
      }
    }
  }
}
