import { type EncodedCommit } from '@summit/events';
import { partitionToken, sha256, subjectToken } from '@summit/kernel';
import { ChainCheck } from './chain.ts';
import { type MemoryJournal } from './memory-journal-store.ts';

/** Makes commits that link up, the way a leader does; what they say besides is of no interest to a journal. */
export class CommitSource {
  readonly #chain: ChainCheck;
  readonly #partition: number;
  readonly #tails = new Map<string, { next: number; digest: string }>();
  readonly #versions = new Map<string, number>();

  /** Goes on after what a chain has checked. */
  constructor(chain: ChainCheck | number) {
    this.#chain = typeof chain === 'number' ? new ChainCheck(chain) : chain;
    this.#partition = this.#chain.partition;
  }

  next(tenant = 'acme', run = 'r1', payload = ''): EncodedCommit {
    const tail = this.#tails.get(tenant) ?? this.#chain.tenant(tenant);
    const entity = { kind: 'run', id: run };
    const name = `${tenant} ${run}`;
    const version = (this.#versions.get(name) ?? this.#chain.version(tenant, entity)) + 1;
    const links = { tenant, entity, version, tenantIndex: tail.next, tenantPrev: tail.digest };
    const line = JSON.stringify({ ...links, at: 1, sealed: payload });
    const digest = sha256(line);
    this.#tails.set(tenant, { next: tail.next + 1, digest });
    this.#versions.set(name, version);
    return {
      id: `${partitionToken(this.#partition)}-${subjectToken(tenant)}-${String(tail.next)}`,
      line: Buffer.from(line),
      digest,
    };
  }
}

/** Checks a whole journal; the commits' digests in order, each with its group's epoch. Throws `JOURNAL_BROKEN`. */
export function contentOf(journal: MemoryJournal, partition = 0): { digest: string; epoch: number }[] {
  const chain = new ChainCheck(partition);
  return journal.groups.flatMap((bytes, i) => {
    const { header, commits } = chain.next(i + 1, bytes);
    return commits.map(({ digest }) => ({ digest, epoch: header.epoch }));
  });
}
