import { type FollowedGroup } from '@summit/journal';
import { digestOf, encodeCheckpoint, entryOf, headOrigin, signNote } from '@summit/transparency-log';
import { type LogKey } from '../keys/log-key.ts';
import { openCheckpoint } from '../keys/open-checkpoint.ts';
import { type CheckpointStore } from '../store/checkpoint-store.ts';
import { headForked } from './errors.ts';

export interface PartitionHeadOptions {
  readonly partition: number;
  readonly generation?: number;
  readonly deployment: string;
  readonly key: LogKey;
  readonly checkpoints: CheckpointStore;
}

/** The group of a partition's journal that was signed last: no journal that holds another there is the same one. */
export class PartitionHead {
  readonly #options: PartitionHeadOptions;
  readonly #name: string;
  #signed: { readonly sequence: number; readonly digest: string } | undefined;

  constructor(options: PartitionHeadOptions) {
    this.#options = options;
    this.#name = headOrigin(options.deployment, options.partition, options.generation ?? 1);
  }

  /** Reads in what was kept. Throws `LOG_FORKED` where the log's key did not sign it. */
  async read(): Promise<void> {
    const { partition, key, checkpoints } = this.#options;
    const note = await checkpoints.head(partition);
    const head = note === undefined ? undefined : openCheckpoint(note, key.signer(this.#name));
    if (note !== undefined && !head)
      throw headForked(partition, 0, "the head that was kept is not signed by the log's key");
    this.#signed = head && { sequence: head.size, digest: digestOf(head.root) };
  }

  /** Throws `LOG_FORKED` where another group was signed in this one's place. */
  expectSame({ sequence, digest }: FollowedGroup): void {
    if (sequence !== this.#signed?.sequence || digest === this.#signed.digest) return;
    const why = 'another group stands there than the one that was signed';
    throw headForked(this.#options.partition, sequence, why);
  }

  /** Signs a group, durably, where it lies behind what was signed. */
  async sign({ sequence, digest }: FollowedGroup): Promise<void> {
    if (sequence <= (this.#signed?.sequence ?? 0)) return;
    const { partition, key, checkpoints } = this.#options;
    const text = encodeCheckpoint({ origin: this.#name, size: sequence, root: entryOf(digest) });
    await checkpoints.keepHead(partition, signNote(text, key.signer(this.#name)));
    this.#signed = { sequence, digest };
  }
}
