/**
 * Who should try to lead a partition, so that two processes do not take turns fencing each other. Advice alone: who may
 * write is said by the journal's fence. // I2
 */
export interface Leadership {
  /**
   * Takes the lease of a partition, or renews it: whether it is held now. It lapses by itself, in seconds, where it is
   * not renewed. A holder is known by a name that outlives its process, so that one that starts again need not wait.
   */
  hold(partition: number): Promise<boolean>;
  /** Lets another process take it at once; nothing where it is not held. */
  release(partition: number): Promise<void>;
}

/** How long a lease holds after it was renewed, milliseconds; `deploy/nats/streams.yaml` says the same. */
export const LEASE_MS = 3_000;

/** The twin: leases of all holders in memory. */
export class MemoryLeases {
  readonly #leases = new Map<number, { readonly holder: string; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The leases as one process sees them. */
  of(holder: string): Leadership {
    return {
      hold: (partition) => {
        const lease = this.#leases.get(partition);
        if (lease && lease.holder !== holder && lease.until > this.#now()) return Promise.resolve(false);
        this.#leases.set(partition, { holder, until: this.#now() + LEASE_MS });
        return Promise.resolve(true);
      },
      release: (partition) => {
        if (this.#leases.get(partition)?.holder === holder) this.#leases.delete(partition);
        return Promise.resolve();
      },
    };
  }
}
