import { type Introduction, type RunState } from '@summit/engine';

/** An executor as a leader knows it: what it serves, when it was last heard, what it holds. */
export interface KnownExecutor {
  readonly id: string;
  introduction: Introduction;
  /** Leader's monotonic clock, milliseconds. */
  heard: number;
  /** It knows which runs are its own: it may be given more, and be lent time. */
  ready: boolean;
  readonly runs: Set<string>;
}

/** The executors of one leader. Not journaled: executors introduce themselves again to every new leader. */
export class Executors {
  readonly #known = new Map<string, KnownExecutor>();
  /** All that live have had the time to introduce themselves: who is not known is gone. */
  complete = false;

  get(id: string): KnownExecutor | undefined {
    return this.#known.get(id);
  }

  introduce(id: string, introduction: Introduction, heard: number): KnownExecutor {
    const known = this.#known.get(id) ?? { id, introduction, heard, ready: false, runs: new Set() };
    known.introduction = introduction;
    known.heard = heard;
    this.#known.set(id, known);
    return known;
  }

  /** Forgets an executor; the runs it held. */
  remove(id: string): readonly string[] {
    const known = this.#known.get(id);
    this.#known.delete(id);
    return known ? [...known.runs] : [];
  }

  /** Those not heard since `before`. */
  silent(before: number): KnownExecutor[] {
    return [...this.#known.values()].filter(({ heard }) => heard < before);
  }

  /** Who may serve a run: of the right tenant and workflow, the one that holds the fewest. */
  choose(run: Pick<RunState, 'tenant' | 'workflow' | 'workflowVersion'>): KnownExecutor | undefined {
    let best: KnownExecutor | undefined;
    for (const known of this.#known.values()) {
      if (known.ready && serves(known.introduction, run) && (!best || known.runs.size < best.runs.size))
        best = known;
    }
    return best;
  }

  /** Whether a run's executor is within reach. */
  reaches(id: string | undefined): boolean {
    return id !== undefined && this.#known.get(id)?.ready === true;
  }

  hold(id: string, runId: string): void {
    this.#known.get(id)?.runs.add(runId);
  }

  release(id: string | undefined, runId: string): void {
    if (id !== undefined) this.#known.get(id)?.runs.delete(runId);
  }

  get all(): readonly KnownExecutor[] {
    return [...this.#known.values()];
  }
}

function serves(
  { tenants, workflows }: Introduction,
  run: Pick<RunState, 'tenant' | 'workflow' | 'workflowVersion'>,
): boolean {
  return (
    tenants.includes(run.tenant) &&
    workflows.some(({ name, version }) => name === run.workflow && version === run.workflowVersion)
  );
}
