/**
 * A Map for what comes and goes by the thousand: live runs, open questions.
 *
 * Owns keys by slot, and one array of values whose slots are used again. A `Map` would do, but for the garbage that it
 * keeps: when V8 rehashes one, the old table points to the new one and still holds what lived then. A table that has
 * reached the old generation so keeps every later table alive, and all that ever was in one, until a full collection:
 * each young collection copies dead runs (nepotism; Jones, Hosking, Moss, "The Garbage Collection Handbook", 2nd ed.,
 * ch. 9). Here the tables hold keys and small integers alone. Keys should be strings or numbers.
 */
export class SlotMap<Key extends string | number, Value> implements Map<Key, Value> {
  readonly [Symbol.toStringTag] = 'Map';
  readonly #slots = new Map<Key, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  has(key: Key): boolean {
    return this.#slots.has(key);
  }

  get(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  set(key: Key, value: Value): this {
    this.#values[this.#slotOf(key)] = value;
    return this;
  }

  delete(key: Key): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  clear(): void {
    this.#slots.clear();
    this.#values.length = 0;
    this.#free.length = 0;
  }

  forEach(callback: (value: Value, key: Key, map: Map<Key, Value>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** In the order in which they were set first, as a Map has them. */
  keys(): MapIterator<Key> {
    return this.#slots.keys();
  }

  *values(): MapIterator<Value> {
    for (const slot of this.#slots.values()) yield this.#values[slot] as Value;
  }

  *entries(): MapIterator<[Key, Value]> {
    for (const [key, slot] of this.#slots) yield [key, this.#values[slot] as Value];
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  #slotOf(key: Key): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#free.pop() ?? this.#values.length;
    this.#slots.set(key, slot);
    return slot;
  }
}
