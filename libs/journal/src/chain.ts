/**
 * Checks, group after group, that a partition's journal is whole: // I5
 *
 * 1. stream sequences follow one another, and every group names this partition and generation;
 * 2. `prev` is the digest of the group before, 32 zero bytes at the very first; epochs never go back;
 * 3. per tenant, `tenantIndex` is dense from 0 and `tenantPrev` the digest of the tenant's commit before;
 * 4. per entity, `version` is dense from 1.
 *
 * Recovery, `summit verify` and tests share it. Owns nothing but what the next group must look like.
 */
import { type Digest, ZERO_DIGEST } from '@summit/kernel';
import { type BrokenPlace, journalBroken } from './errors.ts';
import { decodeGroup, FIRST_PREV, type Group, readLinks, type StoredCommit } from './group.ts';

/** What a tenant's next commit in the partition must say. */
export interface TenantTail {
  /** Its `tenantIndex`. */
  readonly next: number;
  /** Its `tenantPrev`. */
  readonly digest: Digest;
}

export class ChainCheck {
  readonly partition: number;
  readonly generation: number;
  readonly #tenants = new Map<string, TenantTail>();
  readonly #versions = new Map<string, number>();
  #sequence = 0;
  #digest: Digest = FIRST_PREV;
  #epoch = 0;

  constructor(partition: number, generation = 1) {
    this.partition = partition;
    this.generation = generation;
  }

  /** Stream sequence of the last group that was checked; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** What the next group's `prev` must be. */
  get digest(): Digest {
    return this.#digest;
  }

  /** Epoch of the last group; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
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
    this.#expect({ sequence, what: 'the sequence' }, this.#sequence + 1, sequence);
    const group = decodeGroup(bytes, { partition: this.partition, sequence });
    const { header, commits, digest } = group;
    this.#expect({ sequence, what: 'the partition' }, this.partition, header.partition);
    this.#expect({ sequence, what: 'the generation' }, this.generation, header.generation);
    this.#expect({ sequence, what: 'prev' }, this.#digest, header.prev);
    if (header.epoch < this.#epoch) {
      this.#expect({ sequence, what: 'the epoch' }, `${String(this.#epoch)} or more`, header.epoch);
    }
    for (const [i, commit] of commits.entries()) this.#checkCommit(sequence, i, commit);
    this.#sequence = sequence;
    this.#digest = digest;
    this.#epoch = header.epoch;
    return group;
  }

  #checkCommit(sequence: number, commit: number, { line, digest }: StoredCommit): void {
    const links = readLinks(line);
    if (!links) throw this.#broken({ sequence, commit, what: 'the line' }, 'a commit', line.slice(0, 80));
    const tail = this.tenant(links.tenant);
    this.#expect({ sequence, commit, what: `tenantIndex of ${links.tenant}` }, tail.next, links.tenantIndex);
    this.#expect({ sequence, commit, what: `tenantPrev of ${links.tenant}` }, tail.digest, links.tenantPrev);
    const name = entityName(links.tenant, links.entity);
    const version = (this.#versions.get(name) ?? 0) + 1;
    this.#expect({ sequence, commit, what: `version of ${links.entity}` }, version, links.version);
    this.#tenants.set(links.tenant, { next: tail.next + 1, digest });
    this.#versions.set(name, version);
  }

  #expect(place: Place, expected: string | number, found: string | number): void {
    if (expected !== found) throw this.#broken(place, expected, found);
  }

  #broken(place: Place, expected: string | number, found: string | number): Error {
    return journalBroken({ partition: this.partition, ...place, expected, found });
  }
}

type Place = Omit<BrokenPlace, 'partition' | 'expected' | 'found'>;

const entityName = (tenant: string, entity: string): string => `${tenant}\n${entity}`;
