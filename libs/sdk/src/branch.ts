import { AsyncLocalStorage } from 'node:async_hooks';
import { sha256 } from '@summit/kernel';
import { callInvalid } from './errors.ts';

/** Where in a workflow a call stands. Ambient: entered by `branch` alone. */
interface Branch {
  readonly path: string;
  readonly counters: Map<string, number>;
}

/**
 * Gives calls their stable keys: branch, name, explicit key and a counter within them, never a position in the whole.
 * Numbers at random come from the run's seed, the branch and a counter, so that they are the same in every replay.
 */
export class Branches {
  /** Made when a branch is entered first: most runs have none. */
  #storage: AsyncLocalStorage<Branch> | undefined;
  readonly #root: Branch = { path: '', counters: new Map() };
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Runs `fn` inside a branch of the current one. */
  enter<Output>(key: string, fn: () => Output): Output {
    const branch = this.#current();
    const path = `${branch.path}${numbered(branch, `${named(key)}/`).replace(/#0$/, '')}`;
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run({ path, counters: new Map() }, fn);
  }

  /** The next stable key of a call. */
  stepKey(name: string, key?: string): string {
    const branch = this.#current();
    return branch.path + numbered(branch, key === undefined ? named(name) : `${named(name)}[${plain(key)}]`);
  }

  /** 32 bytes, hexadecimal, that replay gives again. */
  entropy(use: string): string {
    const branch = this.#current();
    return sha256(`${this.#seed}\n${branch.path}\n${numbered(branch, use)}`);
  }

  #current(): Branch {
    return this.#storage?.getStore() ?? this.#root;
  }
}

function numbered({ counters }: Branch, name: string): string {
  const count = counters.get(name) ?? 0;
  counters.set(name, count + 1);
  return `${name}#${String(count)}`;
}

/** What separates the parts of a key. */
const SEPARATOR = /[%/#[\]]/;

/** What separates the parts of a key is written otherwise within them, so that no two calls share a key. */
function plain(part: unknown): string {
  if (typeof part !== 'string') throw callInvalid('a name or key of a call is no text');
  if (!SEPARATOR.test(part)) return part; // nearly always, and far cheaper than a replacement of nothing
  return part.replace(/[%/#[\]]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

function named(name: unknown): string {
  if (name === '') throw callInvalid('the name of a call is empty');
  return plain(name);
}
