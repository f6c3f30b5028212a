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
import { ConflictError, type TerminalError } from '@summit/kernel';
import { type LogName, logOrigin } from '@summit/transparency-log';
import { type LogsPosition, type TileStore } from '../store/tile-store.ts';
import { logForked } from './errors.ts';
import { PartitionHead, type PartitionHeadOptions } from './partition-head.ts';
import { type OpenTenantLog, TenantLog } from './tenant-log.ts';

export interface PartitionLogsOptions extends PartitionHeadOptions {
  readonly tiles: TileStore;
  /** The stored tiles were not what was signed, and are made again. */
  readonly onRebuild?: (partition: number) => void;
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
  readonly #head: PartitionHead;
  #logs = new Map<string, TenantLog>();
  #position: JournalPosition = JOURNAL_START;

  constructor(options: PartitionLogsOptions) {
    this.partition = options.partition;
    this.#options = options;
    this.#head = new PartitionHead(options);
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

  /** Reads everything in again: at the start, and after a failure; until then the old stands. Throws `LOG_FORKED`. */
  async position(): Promise<JournalPosition | undefined> {
    const { tiles, checkpoints } = this.#options;
    await this.#head.read();
    const kept = await tiles.position(this.partition);
    const stored = kept && (await this.#restored(kept));
    if (kept && !stored) {
      this.#options.onRebuild?.(this.partition);
      await tiles.drop(this.partition);
    }
    const logs = stored ?? new Map<string, TenantLog>();
    for (const tenant of await checkpoints.tenants(this.partition)) {
      if (!logs.has(tenant)) logs.set(tenant, await TenantLog.fresh(this.#openOptions(tenant))); // 2
    }
    this.#logs = logs;
    this.#position = kept && stored ? positionOf(kept) : JOURNAL_START;
    return this.#position;
  }

  /** The logs as they are stored; undefined where the tiles do not make the roots that they should. */
  async #restored({ logs }: LogsPosition): Promise<Map<string, TenantLog> | undefined> {
    const restored = new Map<string, TenantLog>();
    for (const position of logs) {
      const log = await TenantLog.restored(this.#openOptions(position.tenant), position);
      if (!log) return undefined;
      restored.set(position.tenant, log);
    }
    return restored;
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
    await this.#head.sign(last);
    await this.#move(positionAfter(last));
  }

  async #take(group: FollowedGroup): Promise<void> {
    for (const [i, commit] of group.commits.entries()) await this.#append(group.sequence, i, commit);
    this.#head.expectSame(group);
  }

  async #append(sequence: number, commit: number, { line, digest }: StoredCommit): Promise<void> {
    const broken = (what: string, expected: string | number, found: string | number): TerminalError =>
      journalBroken({ partition: this.partition, sequence, commit, what, expected, found });
    const links = readLinks(line);
    if (!links) throw broken('the line', 'a commit', line.slice(0, 80));
    const { tenant, tenantIndex, tenantPrev } = links;
    const log = this.#logs.get(tenant) ?? (await this.#begin(tenant));
    if (tenantIndex !== log.size) throw broken(`tenantIndex of ${tenant}`, log.size, tenantIndex); // 1
    if (tenantPrev !== log.last) throw broken(`tenantPrev of ${tenant}`, log.last, tenantPrev);
    log.append(digest);
  }

  async #begin(tenant: string): Promise<TenantLog> {
    const log = await TenantLog.fresh(this.#openOptions(tenant));
    this.#logs.set(tenant, log);
    return log;
  }

  #openOptions(tenant: string): OpenTenantLog {
    const { deployment, key, tiles, checkpoints } = this.#options;
    const name: LogName = { tenant, partition: this.partition };
    return { name, tiles, checkpoints, signer: key.signer(logOrigin(deployment, name)) };
  }

  /** Nothing is behind this group, and the journal never loses its end. // 2 */
  #expectAllReproduced(): void {
    const short = this.logs.find((log) => !log.caughtUp);
    if (short) throw logForked(short.name, short.size, 'the journal ends before what was signed');
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

const positionOf = ({ sequence, digest, epoch }: LogsPosition): JournalPosition => ({
  sequence,
  digest,
  epoch,
});

const outOfStep = (partition: number): ConflictError =>
  new ConflictError(
    'LOG_OUT_OF_STEP',
    `the logs of partition ${String(partition)} stand elsewhere than their reader`,
    'Nothing to do: they are read anew.',
  );
