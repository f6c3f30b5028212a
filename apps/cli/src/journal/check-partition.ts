/**
 * Checks one partition: bytes, links, density, signatures, inclusion, consistency, completeness.
 *
 * The first fault ends it: behind a broken link nothing can be said. Where a link alone would leave two groups to
 * blame, the log's own entries and the next link tell which.
 */
import { readLinks, FIRST_PREV, type CommitLinks } from '@summit/journal';
import { digestOf } from '@summit/transparency-log';
import { ZERO_DIGEST } from '@summit/kernel';
import { checkSignatures, checkTiles, firstOther, type SignedLog, signedBy } from './check-log.ts';
import { readGroup, type ReadGroup } from './lines.ts';
import { type PartitionMaterial } from './material.ts';
import { type Fault, Found, type Place } from './place.ts';

/** Looks into a commit whose links hold. May throw {@link Found}. */
export type LookIntoCommit = (commit: {
  readonly partition: number;
  readonly line: string;
  readonly links: CommitLinks;
  readonly place: Place;
}) => void;

/** What was found of a tenant in a partition. */
export interface TenantReport {
  readonly tenant: string;
  readonly partition: number;
  readonly commits: number;
  /** Commits under the newest signed root; undefined where nothing is signed. */
  readonly signed?: number;
  readonly checkpoints: number;
  readonly tiles: number;
}

export interface PartitionReport {
  readonly partition: number;
  readonly groups: number;
  readonly commits: number;
  /** Whether the last group is covered by a signed head. */
  readonly head: boolean;
  readonly tenants: readonly TenantReport[];
  readonly fault?: Fault;
}

export interface CheckPartition {
  readonly publicKey?: Uint8Array | undefined;
  readonly look?: LookIntoCommit;
}

export async function checkPartition(
  material: PartitionMaterial,
  { publicKey, look }: CheckPartition,
): Promise<PartitionReport> {
  const check = new PartitionCheck(material, publicKey, look);
  try {
    await check.run();
    return check.report();
  } catch (error) {
    if (error instanceof Found) return { ...check.report(), fault: error.fault };
    throw error;
  }
}

class PartitionCheck {
  readonly #material: PartitionMaterial;
  readonly #publicKey: Uint8Array | undefined;
  readonly #look: LookIntoCommit | undefined;
  readonly #digests = new Map<string, string[]>();
  readonly #versions = new Map<string, number>();
  readonly #tenants: TenantReport[] = [];
  /** Logs whose own entries make every root that was signed: they tell which line is wrong. */
  readonly #entries = new Map<string, readonly string[]>();
  #logs: SignedLog[] = [];
  #last: ReadGroup | undefined;
  #groups = 0;
  #commits = 0;
  #head = false;

  constructor(
    material: PartitionMaterial,
    publicKey: Uint8Array | undefined,
    look: LookIntoCommit | undefined,
  ) {
    this.#material = material;
    this.#publicKey = publicKey;
    this.#look = look;
  }

  report(): PartitionReport {
    const { partition } = this.#material;
    return {
      partition,
      groups: this.#groups,
      commits: this.#commits,
      head: this.#head,
      tenants: this.#tenants,
    };
  }

  async run(): Promise<void> {
    this.#readLogs();
    const ahead: ReadGroup[] = [];
    for await (const placed of this.#material.groups()) {
      ahead.push(readGroup(this.#material.partition, placed));
      const [now, next] = ahead;
      if (now && next) this.#check(ahead.shift() ?? now, next);
    }
    const [last] = ahead;
    if (last) this.#check(last, undefined);
    this.#checkHead(last);
    for (const log of this.#logs) await this.#checkLog(log);
    this.#reportWithoutLogs();
  }

  #readLogs(): void {
    const key = this.#publicKey;
    if (!key) return;
    const { logs, partition } = this.#material;
    this.#logs = logs.map((log) => checkSignatures(log, partition, key));
    for (const { log, checkpoints } of this.#logs) {
      if (log.entries && firstOther(log.entries, checkpoints) < 0) this.#entries.set(log.tenant, log.entries);
    }
  }

  #check(now: ReadGroup, next: ReadGroup | undefined): void {
    const { header } = now.group;
    const { partition, generation } = this.#material;
    const expected = (this.#last?.sequence ?? 0) + 1;
    if (now.sequence !== expected)
      throw new Found(now.whole, `group ${String(expected)} is missing before it`);
    if (header.partition !== partition || header.generation !== generation) {
      throw new Found(now.whole, 'the header names another partition or generation');
    }
    if (this.#entries.size === 0) this.#checkLink(now, next);
    for (const [i, { line, digest }] of now.group.commits.entries())
      this.#checkCommit(now.place(i + 2), line, digest);
    if (this.#entries.size > 0) this.#checkLink(now, next);
    if (header.epoch < (this.#last?.group.header.epoch ?? 0))
      throw new Found(now.place(1), 'the epoch goes back');
    this.#last = now;
    this.#groups += 1;
  }

  /** `prev` is the digest of the group before: which of the two is wrong, the link to the next one tells. */
  #checkLink(now: ReadGroup, next: ReadGroup | undefined): void {
    const last = this.#last;
    if (now.group.header.prev === (last?.group.digest ?? FIRST_PREV)) return;
    const told = next?.group.header.prev ?? this.#headDigest();
    const what = 'prev is not the digest of the group before';
    if (told !== now.group.digest || !last) throw new Found(now.place(1), what);
    // With the log's entries every commit of the group before was found right: it is its header.
    if (this.#entries.size > 0)
      throw new Found(last.place(1), 'the header is not the one that the next group is linked to');
    const { line: _line, commitId: _id, ...place } = last.place(1);
    throw new Found(place, 'the group is not the one that the next group is linked to');
  }

  #headDigest(): string | undefined {
    const note = this.#material.head?.note;
    const head = note !== undefined && this.#publicKey ? signedBy(this.#publicKey, note) : undefined;
    return head && digestOf(head.root);
  }

  #checkCommit(place: Place, line: string, digest: string): void {
    const links = readLinks(line);
    if (!links) throw new Found(place, 'the line is not a commit');
    const { tenant, tenantIndex, tenantPrev, entity, version } = links;
    const digests = this.#digests.get(tenant) ?? [];
    if (tenantIndex !== digests.length) {
      throw new Found(
        place,
        `its tenantIndex is ${String(tenantIndex)}, the tenant's next is ${String(digests.length)}`,
      );
    }
    const entry = this.#entries.get(tenant)?.[tenantIndex];
    if (this.#logs.length > 0 && !this.#logs.some(({ log }) => log.tenant === tenant)) {
      throw new Found(place, 'its tenant has no log');
    }
    if (entry !== undefined && entry !== digest)
      throw new Found(place, 'the line is not the one that the log holds');
    if (tenantPrev !== (digests.at(-1) ?? ZERO_DIGEST)) {
      throw new Found(place, "tenantPrev is not the digest of the tenant's commit before");
    }
    const name = `${tenant}\n${entity}`;
    const expected = (this.#versions.get(name) ?? 0) + 1;
    if (version !== expected)
      throw new Found(place, `its version is ${String(version)}, the entity's next is ${String(expected)}`);
    this.#versions.set(name, version);
    digests.push(digest);
    this.#digests.set(tenant, digests);
    this.#commits += 1;
    this.#look?.({ partition: this.#material.partition, line, links, place });
  }

  /** The signed head holds the last group, which no other group links to. */
  #checkHead(last: ReadGroup | undefined): void {
    const { head, partition, generation } = this.#material;
    if (!head || !this.#publicKey) return;
    const said = signedBy(this.#publicKey, head.note);
    if (!said?.origin.endsWith(`/journal/${String(partition).padStart(2, '0')}/${String(generation)}`)) {
      throw new Found(head.place, 'the head is not signed by the key of the logs');
    }
    if (said.size !== (last?.sequence ?? 0)) {
      throw new Found(
        head.place,
        `the head was signed at group ${String(said.size)}, the journal ends at ${String(last?.sequence ?? 0)}`,
      );
    }
    if (last && digestOf(said.root) !== last.group.digest) {
      throw new Found(last.place(1), 'the last group is not the one that was signed');
    }
    this.#head = true;
  }

  /** Every commit is a leaf under every later root that was signed, and there is no other leaf. */
  async #checkLog({ log, checkpoints }: SignedLog): Promise<void> {
    const { partition } = this.#material;
    const digests = this.#digests.get(log.tenant) ?? [];
    const signed = checkpoints.at(-1)?.size ?? 0;
    const other = firstOther(digests, checkpoints);
    if (other >= 0)
      throw new Found(log.place('checkpoints', other), 'the commits do not make the root that was signed');
    if (signed !== digests.length) {
      throw new Found(
        log.place('checkpoints'),
        `${String(signed)} commits are signed, and there are ${String(digests.length)}`,
      );
    }
    if (log.entries) {
      const wrong = digests.findIndex((digest, i) => log.entries?.[i] !== digest);
      if (wrong >= 0)
        throw new Found(log.place('entries', wrong), 'the entry is not the digest of its commit');
      if (log.entries.length !== digests.length)
        throw new Found(log.place('entries'), 'the log has more entries than there are commits');
    }
    const tiles = await checkTiles(log, partition, digests);
    this.#tenants.push({
      tenant: log.tenant,
      partition,
      commits: digests.length,
      signed,
      checkpoints: checkpoints.length,
      tiles,
    });
  }

  #reportWithoutLogs(): void {
    const { partition } = this.#material;
    for (const [tenant, { length: commits }] of this.#digests) {
      if (this.#logs.some(({ log }) => log.tenant === tenant)) continue;
      this.#tenants.push({ tenant, partition, commits, checkpoints: 0, tiles: 0 });
    }
  }
}
