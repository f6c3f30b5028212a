/**
 * A run's commits as native stream events: what happened, in clients' words, in the order of the journal. // C2.2
 *
 * Owns: the fold of the run that names steps and tells whether it waits. Does not own: the thread's state (patches
 * carry the hash that the leader recorded), tokens (see {@link StreamSession}).
 *
 * 1. Fed with every commit of one run, from its first on, in order; a commit's events depend on nothing else, so
 *    their numbers mean the same for every reader, now and later. // C2.4
 * 2. Total over erased commits: what is gone reads as erased.
 * 3. Keeps no payload once a step is settled.
 */
import { evolveRun, isFinished, type RunState, waitingFor } from '@summit/engine';
import { type AnyEvent, type Commit, type Decision, type DecodedCommit, type RunEvent } from '@summit/events';
import { TerminalError } from '@summit/kernel';
import { decisionBody, ERASED, runEventBodies } from './bodies.ts';
import { cursorText } from './cursor.ts';
import { type StreamBody, type StreamEvent } from './stream-event.ts';

export class RunStream {
  #run: RunState | undefined;
  /** What the stream last said the run waits for. */
  #waiting = '';

  /** Version of the last commit that was applied; 0 before the first. */
  get version(): number {
    return this.#run?.version ?? 0;
  }

  /** Whether the run has ended. */
  get ended(): boolean {
    return this.#run !== undefined && isFinished(this.#run);
  }

  /** The run as it is folded; undefined before its first commit. Not to be changed. */
  get run(): Readonly<RunState> | undefined {
    return this.#run;
  }

  /** The events of the next commit; none where it was applied before. Throws `JOURNAL_BROKEN` where it can not fold. */
  apply({ commit, erased }: DecodedCommit): StreamEvent[] {
    if (commit.version <= this.version) return [];
    if (commit.version > this.version + 1) throw missing(commit, this.version + 1);
    const bodies = this.#bodies(commit);
    const head = {
      runId: commit.entity.id,
      threadId: this.#run?.threadId ?? '',
      at: commit.at,
      ...(erased && { erased }),
    } as const;
    return bodies.map((body, event) => ({
      cursor: cursorText({ version: commit.version, event, calls: [] }),
      ...head,
      ...body,
    }));
  }

  #bodies(commit: Commit): StreamBody[] {
    const bodies: StreamBody[] = [];
    const told = new Set<Decision>();
    for (const event of commit.events) {
      if (!isRunEvent(event)) continue;
      const run = this.#fold(commit, event);
      const decision = typeof event.basis === 'number' ? commit.decisions[event.basis] : undefined;
      if (decision && !told.has(decision)) bodies.push(decisionBody(run, decision, event));
      if (decision) told.add(decision);
      bodies.push(...runEventBodies(run, event, commit.actor.name ?? ERASED));
    }
    if (this.#run) bodies.push(...this.#waits(this.#run));
    return bodies;
  }

  /** One event at a time, so that each is told from the state that it made. */
  #fold(commit: Commit, event: RunEvent): RunState {
    this.#run = evolveRun(this.#run, commit, [event]);
    this.#run.history.length = 0; // 3
    return this.#run;
  }

  #waits(run: RunState): StreamBody[] {
    const waiting = waitingFor(run) ?? [];
    const text = waiting.join('\n');
    if (text === this.#waiting) return [];
    this.#waiting = text;
    if (text !== '') return [{ type: 'run_waiting', waitingFor: waiting }];
    return isFinished(run) ? [] : [{ type: 'run_resumed' }];
  }
}

const missing = ({ entity, version }: Commit, next: number): TerminalError =>
  new TerminalError(
    'JOURNAL_BROKEN',
    `run ${entity.id} goes on with version ${String(version)} where ${String(next)} follows`,
    'Run summit verify --journal.',
  );

/** Everything in a run's commit is an event of that run; the list is of those that are not. */
function isRunEvent(event: AnyEvent): event is RunEvent {
  switch (event.type) {
    case 'LeaderElected':
    case 'PolicyActivated':
    case 'ToolRegistered':
    case 'WorkflowRegistered':
    case 'CommandDenied':
      return false;
    default:
      return true;
  }
}
