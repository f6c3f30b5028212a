/** Function names as endpoints take them: letters, digits, `_` and `-`, at most 64. Ours may hold dots. */
export class WireNames {
  readonly #theirs = new Map<string, string>();
  readonly #ours = new Map<string, string>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const plain = name.replace(/[^\w-]/g, '_').slice(0, 60);
      let theirs = plain;
      for (let n = 2; this.#ours.has(theirs); n++) theirs = `${plain}_${String(n)}`;
      this.#theirs.set(name, theirs);
      this.#ours.set(theirs, name);
    }
  }

  theirs(name: string): string {
    return this.#theirs.get(name) ?? name.replace(/[^\w-]/g, '_').slice(0, 64);
  }

  /** What is none of the names stays what it is: a tool that does not exist. */
  ours(name: string): string {
    return this.#ours.get(name) ?? name;
  }
}
