/**
 * What waits for the next group.
 *
 * 1. While everything fits into one group, order is arrival, at no cost.
 * 2. Where it does not, tenants take turns by bytes (deficit round robin), so that one tenant's burst delays its
 *    own commits first. A tenant's own order never changes.
 * 3. Commits of `_system` stay where they are: what was decided after one is stored after it.
 */
import { type EncodedCommit, SYSTEM_TENANT } from '@summit/events';

/** A commit on its way. Ordinals grow by one per commit of a writer. */
export interface Pending {
  readonly commit: EncodedCommit;
  readonly ordinal: number;
  /** In UTF-8, with its line feed. */
  readonly bytes: number;
}

/** What one tenant may take before the next one's turn, bytes. */
const QUANTUM = 16 * 1024;

interface Lane {
  readonly items: Pending[];
  head: number;
  deficit: number;
}

export class FairQueue {
  /** Arrived, in order. */
  #arrived: Pending[] = [];
  #arrivedHead = 0;
  /** The backlog, by tenant; the Map's order is whose turn it is. */
  readonly #lanes = new Map<string, Lane>();
  #bytes = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(item: Pending): void {
    this.#arrived.push(item);
    this.#bytes += item.bytes;
    this.#count++;
  }

  /** Takes what the next group holds: at most `room` bytes, at least one commit where there is any. */
  take(room: number): Pending[] {
    if (this.#bytes <= room && this.#lanes.size === 0) return this.#takeAll();
    const taken: Pending[] = [];
    let left = room;
    for (;;) {
      this.#admit();
      left = this.#takeInTurns(taken, left);
      if (this.#lanes.size > 0) return taken;
      const barrier = this.#arrived[this.#arrivedHead];
      if (!barrier || barrier.bytes > left) return taken;
      this.#arrivedHead++;
      left -= this.#remove(barrier, taken);
    }
  }

  #takeAll(): Pending[] {
    const all = this.#arrivedHead === 0 ? this.#arrived : this.#arrived.slice(this.#arrivedHead);
    this.#arrived = [];
    this.#arrivedHead = 0;
    this.#bytes = 0;
    this.#count = 0;
    return all;
  }

  /** Moves arrivals into their tenants' lanes, up to the next commit that must keep its place. */
  #admit(): void {
    for (let item; (item = this.#arrived[this.#arrivedHead]); this.#arrivedHead++) {
      const tenant = tenantOf(item.commit.id);
      if (tenant === SYSTEM_TENANT) break;
      const lane = this.#lanes.get(tenant);
      if (lane) lane.items.push(item);
      else this.#lanes.set(tenant, { items: [item], head: 0, deficit: 0 });
    }
    if (this.#arrivedHead === this.#arrived.length) {
      this.#arrived = [];
      this.#arrivedHead = 0;
    }
  }

  /** Tenants in turn, until the room or the backlog ends; the room that is left. */
  #takeInTurns(taken: Pending[], room: number): number {
    let left = room;
    for (const [tenant, lane] of this.#lanes) {
      lane.deficit += QUANTUM;
      for (let item; (item = lane.items[lane.head]) && item.bytes <= lane.deficit; lane.head++) {
        if (item.bytes > left) return left;
        lane.deficit -= item.bytes;
        left -= this.#remove(item, taken);
      }
      this.#lanes.delete(tenant);
      if (lane.head === lane.items.length) continue;
      lane.items.splice(0, lane.head);
      lane.head = 0;
      this.#lanes.set(tenant, lane); // behind the others
    }
    return left;
  }

  #remove(item: Pending, taken: Pending[]): number {
    taken.push(item);
    this.#count--;
    this.#bytes -= item.bytes;
    return item.bytes;
  }
}

/** `<pp>-<tenant>-<tenantIndex>`, the tenant as a subject's token. */
const tenantOf = (commitId: string): string =>
  commitId.slice(commitId.indexOf('-') + 1, commitId.lastIndexOf('-'));
