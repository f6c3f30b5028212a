import { encodeCommit } from '@summit/events';
import { emptyPartition, evolvePartition } from '@summit/engine';
import { takeOver } from '@summit/journal';
import { readCommit } from '@summit/objects';
import { nextCommit, partitionEntry } from './entry.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';

/**
 * Folds the journal and fences it with `LeaderElected`, which is durable when this resolves. Where another leader was
 * faster it reads on and fences that one. Rejects with `JOURNAL_BROKEN` where a link does not hold. // I2
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { partition, store, objects, vault, incarnation, observe } = options;
  const state = emptyPartition(partition);
  const holder: { ledger?: Ledger; elected: number } = { elected: 0 };
  const writer = await takeOver({
    store,
    partition,
    fold: async ({ commits }) => {
      for (const { line, digest } of commits) {
        const { commit } = await readCommit(line, { partition, opener: vault, objects });
        evolvePartition(state, commit, digest);
      }
    },
    elect: (epoch) => {
      holder.elected = options.clock.monotonic(); // it is sent at once
      const election = { type: 'LeaderElected', v: 1, basis: 'election', epoch, incarnation } as const;
      const entry = partitionEntry(state, options, [election]);
      return encodeCommit(partition, nextCommit(state, options, entry), vault);
    },
    listener: {
      onDurable: (ordinal, _ahead, ms) => holder.ledger?.release(ordinal, ms),
      onLost: (reason) => {
        holder.ledger?.lose();
        options.onLost(reason);
      },
      ...(observe && { observe }),
    },
  });
  const ledger = new Ledger(options, state, writer, holder.elected);
  holder.ledger = ledger;
  return ledger;
}
