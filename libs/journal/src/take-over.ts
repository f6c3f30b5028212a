import { type EncodedCommit } from '@summit/events';
import { ChainCheck } from './chain.ts';
import { journalLost } from './errors.ts';
import { encodeGroup } from './group.ts';
import { catchUp, type RecoveredGroup } from './recovery.ts';
import { settle } from './settle.ts';
import { JournalWriter, type JournalWriterOptions, realShell } from './writer.ts';

export interface TakeOver extends JournalWriterOptions {
  /** Gets every group of the past once, in order, and one's own election last. May be a promise. */
  readonly fold: (group: RecoveredGroup) => unknown;
  /**
   * Makes `LeaderElected{epoch}` for what was folded so far. Called again, for a later past, whenever somebody else
   * wrote in between: it must change nothing.
   */
  readonly elect: (epoch: number) => EncodedCommit;
  /** Ends the attempt: `JOURNAL_LOST`. */
  readonly signal?: AbortSignal;
}

/**
 * Fences a partition: reads to the head, appends the election on it, and where another was faster reads on and
 * tries again. Resolves with the writer of the new reign once its election is durable. // I2
 */
export async function takeOver(options: TakeOver): Promise<JournalWriter> {
  const { store, listener, partition, generation = 1, signal } = options;
  const shell = { ...realShell, ...options.shell };
  const chain = new ChainCheck(partition, generation);
  const stopped = (): boolean => signal?.aborted === true;
  while (!stopped()) {
    await catchUp(store, chain, options.fold);
    const epoch = chain.epoch + 1;
    const groupId = shell.groupId();
    const header = { partition, generation, epoch, groupId, prev: chain.digest };
    const { bytes } = encodeGroup(header, [options.elect(epoch)]);
    const { sequence: expectedSequence } = chain;
    const append = {
      store,
      partition,
      bytes,
      groupId,
      expectedSequence,
      wait: shell.wait,
      stopped,
      listener,
    };
    const fate = await settle(append);
    if (fate === 'stopped' || 'lost' in fate) continue;
    await options.fold({ sequence: fate.landed, ...chain.next(fate.landed, bytes) });
    return new JournalWriter({ sequence: chain.sequence, digest: chain.digest, epoch }, options);
  }
  throw journalLost(partition, 'the attempt to take it over was ended');
}
