/**
 * Checks, group after group, that a partition's journal is whole: // I5
 *
 * 1. stream sequences follow one another, and every group names this partition and generation;
 * 2. `prev` is the digest of the group before, 32 zero bytes at the very first; epochs never go back;
 * 3. per tenant, `tenantIndex` is dense from 0 and `tenantPrev` the digest of the tenant's commit before;
 * 4. per entity, `version` is dense from 1.
 *
 * {@link GroupChain} checks 1 and 2, and can begin anywhere: who follows the journal uses it, since `prev` already
 * holds every byte in its place. {@link ChainCheck} checks all of it, from the start: recovery, `summit verify` and
 * tests share it. Both own nothing but what the next group must look like.
 */
import { type Digest, ZERO_DIGEST } from '@summit/kernel';
import { type BrokenPlace, journalBroken } from './errors.ts';
import { decodeGroup, FIRST_PREV, type Group, readLinks, type StoredCommit } from './group.ts';

/** Where a reader stands: after a group. Whoever keeps it can go on from there, the links still checked. */
export interface JournalPosition {
  /** Stream sequence of the group; 0 before the first. */
  readonly sequence: number;
  /** The group's digest: what the next group's `prev` must be. */
  readonly digest: Digest;
  /** The reign that wrote it; 0 before the first. */
  readonly epoch: number;
}

/** Before the very first group. */
export const JOURNAL_START: JournalPosition = { sequence: 0, digest: FIRST_PREV, epoch: 0 };

/** What a tenant's next commit in the partition must say. */
export interface TenantTail {
  /** Its `tenantIndex`. */
  readonly next: number;
  /** Its `tenantPrev`. */
  readonly digest: Digest;
}

/** The links between groups. */
export class GroupChain {
  readonly partition: number;
  readonly generation: number;
  #position: JournalPosition;

  constructor(partition: number, generation = 1, from: JournalPosition = JOURNAL_START) {
    this.partition = partition;
    this.generation = generation;
    this.#position = from;
  }

  /** After the last group that was checked. */
  get position(): JournalPosition {
    return this.#position;
  }

  /** Reads and checks the next group. Throws `JOURNAL_BROKEN`, naming the place; then this check is of no more use. */
  next(sequence: number, bytes: Uint8Array): Group {
    const { sequence: last, digest: prev, epoch } = this.#position;
    this.expect({ sequence, what: 'the sequence' }, last + 1, sequence);
    const group = decodeGroup(bytes, { partition: this.partition, sequence });
    const { header, digest } = group;
    this.expect({ sequence, what: 'the partition' }, this.partition, header.partition);
    this.expect({ sequence, what: 'the generation' }, this.generation, header.generation);
    this.expect({ sequence, what: 'prev' }, prev, header.prev);
    if (header.epoch < epoch) {
      this.expect({ sequence, what: 'the epoch' }, `${String(epoch)} or more`, header.epoch);
    }
    this.#position = { sequence, digest, epoch: header.epoch };
    return group;
  }

  /** Throws `JOURNAL_BROKEN` where the two differ. */
  expect(place: Place, expected: string | number, found: string | number): void {
    if (expected !== found) throw journalBroken({ partition: this.partition, ...place, expected, found });
  }
}

/** Every link. */
export class ChainCheck {
  readonly #groups: GroupChain;
  readonly #tenants = new Map<string, TenantTail>();
  readonly #versions = new Map<string, number>();

  constructor(partition: number, generation = 1) {
    this.#groups = new GroupChain(partition, generation);
  }

  get partition(): number {
    return this.#groups.partition;
  }

  get generation(): number {
    return this.#groups.generation;
  }

  /** After the last group that was checked. */
  get position(): JournalPosition {
    return this.#groups.position;
  }

  /** Stream sequence of the last group that was checked; 0 before the first. */
  get sequence(): number {
    return this.position.sequence;
  }

  /** What the next group's `prev` must be. */
  get digest(): Digest {
    return this.position.digest;
  }

  /** Epoch of the last group; 0 before the first. */
  get epoch(): number {
    return this.position.epoch;
  }

  /** What the tenant's next commit must say. */
  tenant(tenant: string): TenantTail {
    return this.#tenants.get(tenant) ?? { next: 0, digest: ZERO_DIGEST };
  }

  /** Version of an entity's last commit; 0 where there is none. */
  version(tenant: string, entity: { readonly kind: string; readonly id: string }): number {
    return this.#versions.get(entityName(tenant, `${entity.kind} ${entity.id}`)) ?? 0;
  }

  /** Reads and checks the next group. Throws `JOURNAL_BROKEN`, naming the place; then this check is of no more use. */
  next(sequence: number, bytes: Uint8Array): Group {
    const group = this.#groups.next(sequence, bytes);
    for (const [i, commit] of group.commits.entries()) this.#checkCommit(sequence, i, commit);
    return group;
  }

  #checkCommit(sequence: number, commit: number, { line, digest }: StoredCommit): void {
    const links = readLinks(line);
    if (!links) {
      const place = { partition: this.partition, sequence, commit, what: 'the line' };
      throw journalBroken({ ...place, expected: 'a commit', found: line.slice(0, 80) });
    }
    const tail = this.tenant(links.tenant);
    this.#groups.expect(
      { sequence, commit, what: `tenantIndex of ${links.tenant}` },
      tail.next,
      links.tenantIndex,
    );
    this.#groups.expect(
      { sequence, commit, what: `tenantPrev of ${links.tenant}` },
      tail.digest,
      links.tenantPrev,
    );
    const name = entityName(links.tenant, links.entity);
    const version = (this.#versions.get(name) ?? 0) + 1;
    this.#groups.expect({ sequence, commit, what: `version of ${links.entity}` }, version, links.version);
    this.#tenants.set(links.tenant, { next: tail.next + 1, digest });
    this.#versions.set(name, version);
  }
}

type Place = Omit<BrokenPlace, 'partition' | 'expected' | 'found'>;

const entityName = (tenant: string, entity: string): string => `${tenant}\n${entity}`;
