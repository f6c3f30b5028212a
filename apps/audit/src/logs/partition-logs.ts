import {
  type FollowedGroup,
  journalBroken,
  JOURNAL_START,
  type JournalPosition,
  positionAfter,
  type Projection,
  readLinks,
  type StoredCommit,
} from '@summit/journal';
import { ConflictError } from '@summit/kernel';
import {
  digestOf,
  encodeCheckpoint,
  entryOf,
  headOrigin,
  type LogName,
  logOrigin,
  signNote,
} from '@summit/transparency-log';
import { type LogKey } from '../keys/log-key.ts';
import { openCheckpoint } from '../keys/open-checkpoint.ts';
import { type CheckpointStore } from '../store/checkpoint-store.ts';
import { type LogsPosition, type TileStore } from '../store/tile-store.ts';
import { headForked, logForked } from './errors.ts';
import { TenantLog } from './tenant-log.ts';

export interface PartitionLogsOptions {
  readonly partition: number;
  readonly generation?: number;
  /** Name of the deployment: what the origins of its logs begin with. */
  readonly deployment: string;
  readonly key: LogKey;
  readonly tiles: TileStore;
  readonly checkpoints: CheckpointStore;
  /** The stored tiles were not what was signed, and are made again. */
  readonly onRebuild?: (partition: number) => void;
}

interface Head {
  readonly sequence: number;
  readonly digest: string;
}

/**
 * The logs of one partition's tenants, as a projection of its journal. // I7
 *
 * Owns: the growing trees. Tiles first, then checkpoints, then the position: a crash between two of them is mended by
 * reading the journal from the older position again, which gives the same bytes.
 * 1. A leaf is appended only where `tenantIndex` is the tree's size and `tenantPrev` its last digest. // I5
 * 2. What was signed is reproduced before anything is signed again; a journal that ends before it is a fork too.
 */
export class PartitionLogs implements Projection {
  readonly partition: number;
  readonly #options: PartitionLogsOptions;
  readonly #headName: string;
  #logs = new Map<string, TenantLog>();
  #position: JournalPosition = JOURNAL_START;
  #head: Head | undefined;

  constructor(options: PartitionLogsOptions) {
    this.partition = options.partition;
    this.#options = options;
    this.#headName = headOrigin(options.deployment, options.partition, options.generation ?? 1);
  }

  /** The log of a tenant, where it has commits here. */
  log(tenant: string): TenantLog | undefined {
    return this.#logs.get(tenant);
  }

  get logs(): readonly TenantLog[] {
    return [...this.#logs.values()];
  }

  /** Last group whose leaves are covered by checkpoints. */
  get sequence(): number {
    return this.#position.sequence;
  }

  /** Reads everything in again: at the start, and after a failure. Throws `LOG_FORKED`. */
  async position(): Promise<JournalPosition | undefined> {
    const { tiles, checkpoints } = this.#options;
    this.#head = this.#headOf(await checkpoints.head(this.partition));
    const kept = await tiles.position(this.partition);
    this.#logs = new Map();
    this.#position = JOURNAL_START;
    if (kept && !(await this.#restore(kept))) {
      this.#options.onRebuild?.(this.partition);
      await tiles.drop(this.partition);
    }
    for (const tenant of await checkpoints.tenants(this.partition)) await this.#ensure(tenant); // 2
    return this.#position;
  }

  /** False where the stored tiles do not make the roots that they should. */
  async #restore({ sequence, digest, epoch, logs }: LogsPosition): Promise<boolean> {
    const restored = new Map<string, TenantLog>();
    for (const position of logs) {
      const log = await TenantLog.restored(this.#openOptions(position.tenant), position);
      if (!log) return false;
      restored.set(position.tenant, log);
    }
    this.#logs = restored;
    this.#position = { sequence, digest, epoch };
    return true;
  }

  async apply(groups: readonly FollowedGroup[], from: JournalPosition): Promise<void> {
    if (from.sequence !== this.#position.sequence) throw outOfStep(this.partition);
    for (const group of groups) await this.#take(group);
    const last = groups.at(-1);
    if (!last) return;
    if (last.pending === 0) this.#expectAllReproduced();
    const dirty = this.logs.filter((log) => log.dirty);
    await Promise.all(dirty.map((log) => log.store()));
    await Promise.all(dirty.filter((log) => log.caughtUp).map((log) => log.sign()));
    await this.#keepHead(last);
    await this.#move(positionAfter(last));
  }

  async #take({ sequence, digest, commits }: FollowedGroup): Promise<void> {
    for (const [i, commit] of commits.entries()) await this.#append(sequence, i, commit);
    if (sequence === this.#head?.sequence && digest !== this.#head.digest) {
      throw headForked(this.partition, sequence, 'another group stands there than the one that was signed');
    }
  }

  async #append(sequence: number, commit: number, { line, digest }: StoredCommit): Promise<void> {
    const { partition } = this;
    const place = { partition, sequence, commit };
    const links = readLinks(line);
    if (!links)
      throw journalBroken({ ...place, what: 'the line', expected: 'a commit', found: line.slice(0, 80) });
    const { tenant, tenantIndex, tenantPrev } = links;
    const log = this.#logs.get(tenant) ?? (await this.#ensure(tenant));
    if (tenantIndex !== log.size) {
      throw journalBroken({
        ...place,
        what: `tenantIndex of ${tenant}`,
        expected: log.size,
        found: tenantIndex,
      });
    }
    if (tenantPrev !== log.last) {
      throw journalBroken({
        ...place,
        what: `tenantPrev of ${tenant}`,
        expected: log.last,
        found: tenantPrev,
      });
    }
    log.append(digest);
  }

  async #ensure(tenant: string): Promise<TenantLog> {
    const log = this.#logs.get(tenant) ?? (await TenantLog.fresh(this.#openOptions(tenant)));
    this.#logs.set(tenant, log);
    return log;
  }

  #openOptions(tenant: string) {
    const { deployment, key, tiles, checkpoints } = this.#options;
    const name: LogName = { tenant, partition: this.partition };
    return { name, tiles, checkpoints, signer: key.signer(logOrigin(deployment, name)) };
  }

  /** Nothing is behind this group, and the journal never loses its end. // 2 */
  #expectAllReproduced(): void {
    const short = this.logs.find((log) => !log.caughtUp);
    if (short) throw logForked(short.name, short.size, 'the journal ends before what was signed');
  }

  async #keepHead(group: FollowedGroup): Promise<void> {
    if (group.sequence <= (this.#head?.sequence ?? 0)) return;
    const signer = this.#options.key.signer(this.#headName);
    const { sequence, digest } = group;
    const text = encodeCheckpoint({ origin: this.#headName, size: sequence, root: entryOf(digest) });
    await this.#options.checkpoints.keepHead(this.partition, signNote(text, signer));
    this.#head = { sequence, digest };
  }

  #headOf(note: string | undefined): Head | undefined {
    if (note === undefined) return undefined;
    const head = openCheckpoint(note, this.#options.key.signer(this.#headName));
    if (!head) throw headForked(this.partition, 0, "the head that was kept is not signed by the log's key");
    return { sequence: head.size, digest: digestOf(head.root) };
  }

  async #move(position: JournalPosition): Promise<void> {
    const logs = this.logs
      .filter(({ size }) => size > 0)
      .map((log) => log.position)
      .toSorted((one, other) => (one.tenant < other.tenant ? -1 : 1));
    await this.#options.tiles.move(this.partition, { ...position, logs });
    this.#position = position;
  }
}

const outOfStep = (partition: number): ConflictError =>
  new ConflictError(
    'LOG_OUT_OF_STEP',
    `the logs of partition ${String(partition)} stand elsewhere than their reader`,
    'Nothing to do: they are read anew.',
  );
