/**
 * A Map for what is mostly one or none: the open calls of a run, its attempts.
 *
 * Owns: the first entry, in a field, and a Map for those that come beside it. A `Map` would do, but for its cost: V8
 * makes a table smaller when its last entry goes, by a call into its runtime, so one that is filled and emptied again
 * and again is made anew each time. Order is a Map's: an entry takes the field only where there is no other.
 */
export class FewMap<Value extends object> {
  #key: string | undefined;
  #value: Value | undefined;
  #more: Map<string, Value> | undefined;

  get size(): number {
    return (this.#key === undefined ? 0 : 1) + (this.#more?.size ?? 0);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): Value | undefined {
    return key === this.#key ? this.#value : this.#more?.get(key);
  }

  set(key: string, value: Value): void {
    if (key !== this.#key && this.size > 0) {
      this.#more ??= new Map();
      this.#more.set(key, value);
      return;
    }
    this.#key = key;
    this.#value = value;
  }

  delete(key: string): boolean {
    if (key !== this.#key) return this.#more?.delete(key) ?? false;
    this.#key = undefined;
    this.#value = undefined;
    return true;
  }

  clear(): void {
    this.#key = undefined;
    this.#value = undefined;
    this.#more = undefined;
  }

  /** As they are now, in the order in which they were set first. */
  values(): readonly Value[] {
    const more = this.#more ? [...this.#more.values()] : [];
    return this.#value === undefined ? more : [this.#value, ...more];
  }
}
