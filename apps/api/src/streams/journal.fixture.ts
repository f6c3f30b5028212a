import { type DecodedCommit, decodeCommit, encodeCommit } from '@summit/events';
import { encodeGroup, FIRST_PREV, MemoryJournal, MemoryJournalStore } from '@summit/journal';
import { TokenBus } from '@summit/runtime';
import { parseCursor, type StreamEvent } from '@summit/streams';
import { MemoryKeyStore, newSalt, Vault } from '@summit/vault';
import { type PartitionSource, RunFeed } from './run-feed.ts';
import { PartitionHub } from './partition-hub.ts';
import { RunHistory } from './run-history.ts';

/** A partition's journal in memory, sealed, with what reads it. */
export class TestJournal {
  readonly tokens = new TokenBus();
  readonly source: PartitionSource;
  /** Lines that were opened. */
  opened = 0;
  readonly #journal = new MemoryJournal();
  readonly #vault = new Vault(new MemoryKeyStore());
  readonly #key: string;

  constructor() {
    this.#key = this.#vault.takeThreadKey('acme');
    const store = new MemoryJournalStore(this.#journal);
    this.source = {
      store,
      hub: new PartitionHub(store, 10),
      history: new RunHistory(store),
      open: (line) => {
        this.opened++;
        return Promise.resolve(decodeCommit(0, line, this.#vault));
      },
    };
  }

  /** One group. */
  append(...commits: readonly DecodedCommit[]): void {
    const lines = commits.map(({ commit }) => {
      const key = commit.tenant === 'acme' ? this.#key : this.#vault.tenantKey(commit.tenant);
      return encodeCommit(0, { ...commit, key, salt: newSalt() }, this.#vault);
    });
    const header = { partition: 0, generation: 1, epoch: 1, groupId: 'g', prev: FIRST_PREV };
    this.#journal.land(encodeGroup(header, lines).bytes, this.#journal.last);
  }

  feed(runId: string, after?: string, signal = new AbortController().signal, tenant = 'acme'): RunFeed {
    const { source, tokens } = this;
    const cursor = after === undefined ? undefined : parseCursor(after);
    return new RunFeed({ run: { tenant, runId }, ...(cursor && { after: cursor }), source, tokens, signal });
  }
}

/** All that a feed gives until it ends, or until there is enough of it. */
export async function taken(
  batches: AsyncIterable<readonly StreamEvent[]>,
  enough = Number.POSITIVE_INFINITY,
): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const batch of batches) {
    events.push(...batch);
    if (events.length >= enough) break;
  }
  return events;
}
