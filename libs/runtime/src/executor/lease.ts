interface Reign {
  readonly epoch: number;
  /** Number of the last message heard. */
  number: number;
}

/** What an executor was lent, and heard, by the leaders of its partitions. Times are of its own monotonic clock, milliseconds. */
export class Leases {
  readonly #until = new Map<number, number>();
  readonly #reigns = new Map<number, Reign>();

  /** False for a message of a leader that was already followed by another. */
  admit(partition: number, leaderEpoch: number): boolean {
    const reign = this.#reigns.get(partition);
    if (reign && leaderEpoch < reign.epoch) return false;
    if (reign?.epoch !== leaderEpoch) this.#reigns.set(partition, { epoch: leaderEpoch, number: 0 });
    return true;
  }

  /** Whether messages of the partition's leader were lost before this one. */
  missed(partition: number, number: number | undefined): boolean {
    const reign = this.#reigns.get(partition);
    if (!reign || number === undefined) return false;
    const missed = number > reign.number + 1;
    reign.number = number;
    return missed;
  }

  /** Takes a lease on; whether there was none, so that something may have waited for it. */
  renew(partition: number, until: number, now: number): boolean {
    const before = this.#until.get(partition) ?? 0;
    if (until > before) this.#until.set(partition, until);
    return before <= now;
  }

  /** Whether an effect may start now. // I4 */
  isLive(partition: number, now: number): boolean {
    return (this.#until.get(partition) ?? 0) > now;
  }
}
