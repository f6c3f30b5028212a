import { type AnyEvent, type Basis, type EventOf, type StepKind } from '@summit/events';
import { decisionNode, foldedDecisions } from './decisions.ts';
import { type Draft } from './draft.ts';
import { type GraphIds } from './ids.ts';

/** What a decision was about. */
interface About {
  readonly activity?: string | undefined;
  readonly entity?: string | undefined;
}

/** What only waits, for a time, a signal or people: an activity of its own, with no attempts. */
export const isWait = (kind: StepKind): boolean =>
  kind === 'sleep' || kind === 'signal' || kind === 'approval';

/** The draft of a commit of a run: what its events need to know of one another. */
export class RunDraft {
  readonly draft: Draft;
  readonly ids: GraphIds;
  readonly runId: string;
  /** The run's own node. */
  readonly id: string;
  /** The commit's intents by step. */
  readonly proposed = new Map<number, EventOf<'StepProposed'>>();
  /** Steps with a permit in the commit. */
  readonly permitted = new Set<number>();
  /** Steps with a result in the commit. */
  readonly completed = new Set<number>();
  /** The answers of people that the commit records, by the step that they are about. */
  readonly answers = new Map<number, number>();
  readonly #folded: ReadonlySet<number>;

  constructor(draft: Draft) {
    this.draft = draft;
    this.ids = draft.ids;
    this.runId = draft.commit.entity.id;
    this.id = draft.ids.run(this.runId);
    this.#folded = foldedDecisions(draft.commit);
    for (const [n, event] of draft.commit.events.entries()) this.#note(event, n);
  }

  /**
   * Gives an event's decision nodes of its own, unless it stands as facts; answers the deciding behind it, to which
   * what followed from it can point.
   */
  decided(basis: Basis, about: About): string | undefined {
    if (typeof basis !== 'number' || this.#folded.has(basis)) return undefined;
    const decision = decisionNode(this.draft, basis, about);
    return decision === undefined ? undefined : this.ids.deciding(this.draft.commitId, basis);
  }

  /** Whether the commit holds an intent of that step without its permit: it stands as an entity. */
  waits(step: number): boolean {
    const kind = this.proposed.get(step)?.kind;
    return kind !== undefined && !isWait(kind) && !this.permitted.has(step);
  }

  #note(event: AnyEvent, n: number): void {
    if (event.type === 'StepProposed') this.proposed.set(event.step, event);
    if (event.type === 'PermitGranted') this.permitted.add(event.step);
    if (event.type === 'StepCompleted') this.completed.add(event.step);
    if (event.type === 'ApprovalDecided' && event.step !== undefined) this.answers.set(event.step, n);
  }
}
