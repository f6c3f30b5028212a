/**
 * The loop of every projection: journal in, batches out, for as long as the process lives.
 *
 * 1. A batch and its position change in one transaction, or not at all: twice or from zero gives the same. // I7
 * 2. Nothing that a projection's store does ends the loop: it is read anew where it stands, and tried again.
 * 3. What will not get better by waiting ends it: a broken link, a commit that nobody can read.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalError } from '@summit/kernel';
import { JOURNAL_START, type JournalPosition } from './chain.ts';
import { type FollowedGroup, followJournal, positionAfter } from './follow.ts';
import { gather } from './gather.ts';
import { type JournalStore } from './journal-store.ts';
import { type JournalName } from './recovery.ts';

/** A batch has no more bytes of the journal than this and one group. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** After a failure, milliseconds: doubled each time up to the largest. */
const FIRST_BACKOFF_MS = 100;
const LARGEST_BACKOFF_MS = 5_000;

/** What is made of one partition's journal, and where it stands. */
export interface Projection {
  /** The position that was kept with the content; undefined before the first batch. */
  position(): Promise<JournalPosition | undefined>;
  /**
   * Takes groups in and moves the position from `from` to after the last of them, in one transaction. Rejects, and
   * has changed nothing, where the position is another by now: a second projector was faster.
   */
  apply(groups: readonly FollowedGroup[], from: JournalPosition): Promise<void>;
}

export interface ProjectionListener {
  /** After each batch; `pending` groups were still to come. */
  onProgress?(position: JournalPosition, pending: number): void;
  /** The store of the projection failed; the next try is in so many milliseconds. */
  onTrouble?(error: unknown, retryMs: number): void;
}

export interface Project extends JournalName {
  readonly store: JournalStore;
  readonly projection: Projection;
  readonly signal: AbortSignal;
  /** The sequence of the last group that is taken in; without it, for ever. */
  readonly until?: number;
  /** From one batch to the next at least, milliseconds, unless it is full: what arrives meanwhile goes together. */
  readonly everyMs?: number;
  readonly batchBytes?: number;
  readonly listener?: ProjectionListener;
}

/** Projects until it is aborted, or `until` is in. Rejects with what waiting does not mend, `JOURNAL_BROKEN` above all. */
export async function project(options: Project): Promise<void> {
  const { signal, listener } = options;
  const stopped = (): boolean => signal.aborted;
  let failures = 0;
  while (!stopped()) {
    try {
      await projectFrom(await options.projection.position(), options, () => (failures = 0));
      return;
    } catch (error) {
      if (stopped()) return;
      if (error instanceof TerminalError) throw error; // 3
      const retryMs = backoff(failures++);
      listener?.onTrouble?.(error, retryMs);
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function projectFrom(
  kept: JournalPosition | undefined,
  { store, partition, generation = 1, projection, listener, ...options }: Project,
  onApplied: () => void,
): Promise<void> {
  const { everyMs = 0, batchBytes = BATCH_BYTES, until } = options;
  const leave = new AbortController();
  const signal = AbortSignal.any([options.signal, leave.signal]);
  let position = kept ?? JOURNAL_START;
  try {
    const groups = followJournal(store, { partition, generation, from: position, until, signal });
    for await (const batch of gather(groups, bytesOf, batchBytes)) {
      const began = performance.now();
      await projection.apply(batch, position);
      const last = batch.at(-1);
      if (last) position = positionAfter(last);
      onApplied();
      listener?.onProgress?.(position, last?.pending ?? 0);
      const restMs = everyMs - (performance.now() - began);
      if (restMs > 0 && last?.pending === 0)
        await delay(restMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    leave.abort();
  }
}

const bytesOf = ({ commits }: FollowedGroup): number =>
  commits.reduce((sum, { line }) => sum + line.length, 0);

const backoff = (failures: number): number => Math.min(LARGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
