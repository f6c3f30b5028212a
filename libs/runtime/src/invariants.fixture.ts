import { type AnyEvent, type Commit, FACTS } from '@summit/events';
import { type World } from './world.fixture.ts';

/** What a journal must never hold; empty where all is well. */
export function invariants(world: World): string[] {
  const watch = new Watch();
  for (const { commit } of world.commits()) watch.commit(commit);
  return watch.found;
}

type StepEvent = Extract<AnyEvent, { step?: number | undefined }>;

class Watch {
  readonly found: string[] = [];
  readonly #versions = new Map<string, number>();
  readonly #permits = new Map<string, Set<number>>();
  /** Attempts that are proven to have had no effect, or that failed. */
  readonly #cleared = new Set<string>();
  readonly #effects = new Map<string, string>();
  /** Steps with the hash of an action that people agreed to. */
  readonly #approved = new Set<string>();

  commit(commit: Commit): void {
    const entity = `${commit.tenant} ${commit.entity.kind} ${commit.entity.id}`;
    const before = this.#versions.get(entity) ?? 0;
    if (commit.version !== before + 1) this.found.push(`[I5] ${entity} skips after ${String(before)}`);
    this.#versions.set(entity, commit.version);
    for (const event of commit.events) {
      if (!hasBasis(commit, event.basis)) this.found.push(`[I3] ${event.type} of ${entity} has no basis`);
      if ('step' in event) this.#step(`${entity} ${String(event.step)}`, event);
      if (event.type === 'PermitGranted') this.#entitled(commit, event);
    }
  }

  #step(step: string, event: StepEvent): void {
    switch (event.type) {
      case 'StepProposed':
        this.#effects.set(step, event.effect);
        break;
      case 'EffectNeverHappened':
      case 'AttemptFailed':
        this.#cleared.add(`${step} ${String(event.attempt)}`);
        break;
      case 'ApprovalDecided': {
        const { outcome, newHash, actionHash } = event;
        const [, , id = '', n = ''] = step.split(' ');
        if (outcome === 'approved') this.#approved.add(`${id} ${n} ${newHash ?? actionHash}`);
        break;
      }
      case 'PermitGranted':
        this.#permit(step, event.attempt);
        break;
      case 'StepCompleted':
        if (event.attempt > 0 && !this.#permits.get(step)?.has(event.attempt)) {
          this.found.push(`[I3] ${step} completed without a permit`);
        }
        break;
      default:
    }
  }

  /** A permit stands on a decision that allows it, or that asked people who then agreed to this very action. */
  #entitled(
    { decisions, entity }: Commit,
    { step, basis, actionHash }: Extract<AnyEvent, { type: 'PermitGranted' }>,
  ): void {
    const verdict = decisions[Number(basis)]?.verdict;
    if (verdict === 'allow') return;
    if (verdict === 'require_approval' && this.#approved.has(`${entity.id} ${String(step)} ${actionHash}`))
      return;
    this.found.push(`[I3] step ${String(step)} of ${entity.id} is permitted by ${String(verdict)}`);
  }

  #permit(step: string, attempt: number): void {
    const attempts = this.#permits.get(step) ?? new Set();
    if (attempts.has(attempt)) this.found.push(`[I4] attempt ${String(attempt)} of ${step} permitted twice`);
    this.#permits.set(step, attempts.add(attempt));
    if (this.#effects.get(step) !== 'once' || attempt === 1) return;
    if (!this.#cleared.has(`${step} ${String(attempt - 1)}`)) {
      this.found.push(`[I4] ${step} permitted again without proof`);
    }
  }
}

function hasBasis(commit: Commit, basis: number | string): boolean {
  if (typeof basis === 'string') return FACTS.some((fact) => fact === basis);
  return commit.decisions[basis] !== undefined;
}
