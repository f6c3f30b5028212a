/**
 * Up to where everything is durable. Ordinals become durable out of order only while tenants take turns.
 */
export class DurableMark {
  #upTo = 0;
  /** Durable, above the mark, with something below still on its way. */
  readonly #ahead = new Set<number>();

  /** Every ordinal up to this one is durable. */
  get upTo(): number {
    return this.#upTo;
  }

  /** How many ordinals are durable. */
  get count(): number {
    return this.#upTo + this.#ahead.size;
  }

  /** Takes in one group's ordinals; those among them that are still above the mark. */
  add(items: readonly { readonly ordinal: number }[]): readonly number[] {
    if (this.#ahead.size === 0 && this.#follow(items)) return NONE;
    for (const { ordinal } of items) if (ordinal > this.#upTo) this.#ahead.add(ordinal);
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo++;
    return items.map(({ ordinal }) => ordinal).filter((ordinal) => ordinal > this.#upTo);
  }

  /** Moves the mark as far as the items follow it; whether that took them all. */
  #follow(items: readonly { readonly ordinal: number }[]): boolean {
    for (const { ordinal } of items) {
      if (ordinal !== this.#upTo + 1) return false;
      this.#upTo = ordinal;
    }
    return true;
  }
}

const NONE: readonly number[] = [];
