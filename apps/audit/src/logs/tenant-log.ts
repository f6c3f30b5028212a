import { type Digest, hasCode, ZERO_DIGEST } from '@summit/kernel';
import {
  type Checkpoint,
  encodeCheckpoint,
  encodeVerifierKey,
  entryOf,
  GrowingTree,
  type Hash,
  type LogName,
  digestOf,
  sameHash,
  signNote,
  type NoteSigner,
  type StoredTile,
  type Tile,
} from '@summit/transparency-log';
import { openCheckpoint } from '../keys/open-checkpoint.ts';
import { type CheckpointStore } from '../store/checkpoint-store.ts';
import { type LogPosition, type TileStore } from '../store/tile-store.ts';
import { logForked, tileMissing } from './errors.ts';

/** What was signed last. */
export interface Signed {
  readonly size: number;
  readonly root: Hash;
  /** The signed note. */
  readonly note: string;
}

export interface OpenTenantLog {
  readonly name: LogName;
  readonly tiles: TileStore;
  readonly checkpoints: CheckpointStore;
  /** Its name is the log's origin. */
  readonly signer: NoteSigner;
}

/**
 * The log of one tenant in one partition.
 *
 * Owns: its tree's right edge and what must still be reproduced. Does not own: tiles, checkpoints.
 * 1. The leaf at an index is the commit of that `tenantIndex`.
 * 2. Every root that was ever signed is reproduced on the way past its size, else the log stops: `LOG_FORKED`.
 * 3. Nothing is signed below or at a size that was signed before.
 */
export class TenantLog {
  readonly name: LogName;
  readonly #options: OpenTenantLog;
  readonly #tree: GrowingTree;
  /** Checkpoints ahead of the tree, the next one last. */
  readonly #ahead: Checkpoint[];
  #last: Digest;
  #signed: Signed | undefined;
  #dirty = false;

  private constructor(options: OpenTenantLog, tree: GrowingTree, last: Digest, kept: readonly Signed[]) {
    this.name = options.name;
    this.#options = options;
    this.#tree = tree;
    this.#last = last;
    const origin = options.signer.name;
    this.#ahead = kept
      .filter(({ size }) => size > tree.size)
      .map((one) => ({ origin, ...one }))
      .toReversed();
    this.#signed = kept.at(-1);
  }

  /** Where nothing is stored, or nothing of use: everything is appended anew. Throws `LOG_FORKED`. */
  static async fresh(options: OpenTenantLog): Promise<TenantLog> {
    return new TenantLog(options, GrowingTree.empty(), ZERO_DIGEST, await keptOf(options));
  }

  /** Where its stored tiles end; undefined where they do not make the root that they should. Throws `LOG_FORKED`. */
  static async restored(
    options: OpenTenantLog,
    { size, last, root }: LogPosition,
  ): Promise<TenantLog | undefined> {
    const kept = await keptOf(options);
    const tree = await treeAt(options, size);
    const signed = kept.find((one) => one.size === size);
    if (!tree || digestOf(tree.root()) !== root) return undefined;
    if (signed && !sameHash(signed.root, tree.root())) return undefined; // the journal will tell which is right
    return new TenantLog(options, tree, last, kept);
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Digest of the last commit: the next one's `tenantPrev`. */
  get last(): Digest {
    return this.#last;
  }

  /** What verifies its checkpoints: `name+id+key`. */
  get verifierKey(): string {
    return encodeVerifierKey(this.#options.signer);
  }

  /** The newest checkpoint, whatever the tree has reached by now. */
  get signed(): Signed | undefined {
    return this.#signed;
  }

  /** Whether leaves were added since the last checkpoint was kept. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** Whether every root that was signed has been reproduced. */
  get caughtUp(): boolean {
    return this.#ahead.length === 0;
  }

  append(digest: Digest): void {
    this.#tree.append(entryOf(digest)); // 1
    this.#last = digest;
    this.#dirty = true;
    const next = this.#ahead.at(-1);
    if (next?.size !== this.size) return;
    if (!sameHash(next.root, this.#tree.root())) {
      throw logForked(this.name, this.size, 'the journal makes another root than the one that was signed'); // 2
    }
    this.#ahead.pop();
  }

  get position(): LogPosition {
    return { tenant: this.name.tenant, size: this.size, last: this.#last, root: digestOf(this.#tree.root()) };
  }

  /** Stores the tiles of all leaves so far. */
  async store(): Promise<void> {
    const tiles: StoredTile[] = [...this.#tree.takeFull(), ...this.#tree.edge()];
    await this.#options.tiles.write(this.name, tiles);
  }

  /** Signs the present size, durably, unless it was signed before. */
  async sign(): Promise<void> {
    const { size } = this;
    if (size > (this.#signed?.size ?? 0)) {
      const { signer, checkpoints } = this.#options;
      const root = this.#tree.root();
      const note = signNote(encodeCheckpoint({ origin: signer.name, size, root }), signer);
      await checkpoints.keep(this.name, note);
      this.#signed = { size, root, note }; // 3
    }
    this.#dirty = false;
  }
}

async function treeAt({ name, tiles }: OpenTenantLog, size: number): Promise<GrowingTree | undefined> {
  try {
    return await GrowingTree.restore(size, async (tile) => (await tiles.read(name, tile)) ?? raise(tile));
  } catch (error) {
    if (hasCode(error, 'TILE_MISSING') || hasCode(error, 'LOG_MALFORMED')) return undefined;
    throw error;
  }
}

function raise(tile: Tile): never {
  throw tileMissing(tile);
}

/** What was signed before, oldest first, each signature checked. Throws `LOG_FORKED` where one does not hold. */
async function keptOf({ name, checkpoints, signer }: OpenTenantLog): Promise<Signed[]> {
  const notes = await checkpoints.kept(name);
  return notes.map((note, i) => {
    const checkpoint = openCheckpoint(note, signer);
    if (checkpoint) return { ...checkpoint, note };
    throw logForked(
      name,
      0,
      `checkpoint ${String(i + 1)} of those that were kept is not signed by this log's key`,
    );
  });
}
