import { type JournalPosition } from './chain.ts';
import { CommitSource } from './commits.fixture.ts';
import { type FollowedGroup, positionAfter } from './follow.ts';
import { encodeGroup, FIRST_PREV } from './group.ts';
import { MemoryJournal } from './memory-journal-store.ts';
import { type Projection } from './project.ts';

/** A writer of groups with one commit each. */
export class Writing {
  readonly journal = new MemoryJournal();
  readonly #partition: number;
  readonly #source: CommitSource;
  #prev = FIRST_PREV;

  constructor(partition = 0) {
    this.#partition = partition;
    this.#source = new CommitSource(partition);
  }

  write(count: number): void {
    for (let i = 0; i < count; i++) {
      const header = {
        partition: this.#partition,
        generation: 1,
        epoch: 1,
        groupId: String(i),
        prev: this.#prev,
      };
      const { bytes, digest } = encodeGroup(header, [this.#source.next()]);
      this.#prev = digest;
      this.journal.land(bytes, this.journal.last);
    }
  }
}

/** A store of a list of sequences and a position, changed together; it fails when it is told to. */
export class ListProjection implements Projection {
  readonly content: number[] = [];
  readonly batches: number[] = [];
  kept: JournalPosition | undefined;
  failures: Error[] = [];
  onBatch: () => void = () => undefined;

  position(): Promise<JournalPosition | undefined> {
    return Promise.resolve(this.kept);
  }

  async apply(groups: readonly FollowedGroup[], from: JournalPosition): Promise<void> {
    await new Promise(setImmediate);
    const failure = this.failures.shift();
    if (failure) throw failure;
    if ((this.kept?.sequence ?? 0) !== from.sequence) throw new Error('somebody else was faster');
    this.content.push(...groups.map(({ sequence }) => sequence));
    this.batches.push(groups.length);
    const last = groups.at(-1);
    if (last) this.kept = positionAfter(last);
    this.onBatch();
  }
}
