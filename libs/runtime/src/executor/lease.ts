/** What an executor was lent by the leaders of its partitions. Times are of its own monotonic clock, milliseconds. */
export class Leases {
  readonly #until = new Map<number, number>();
  readonly #epochs = new Map<number, number>();

  /** False for a message of a leader that was already followed by another. */
  admit(partition: number, leaderEpoch: number): boolean {
    const highest = this.#epochs.get(partition) ?? 0;
    if (leaderEpoch < highest) return false;
    this.#epochs.set(partition, leaderEpoch);
    return true;
  }

  renew(partition: number, until: number): void {
    if (until > (this.#until.get(partition) ?? 0)) this.#until.set(partition, until);
  }

  /** Whether an effect may start now. // I4 */
  isLive(partition: number, now: number): boolean {
    return (this.#until.get(partition) ?? 0) > now;
  }
}
