/**
 * A leader's way of keeping large payloads out of its commits.
 *
 * Owns: what it remembers of the objects that it stored. Does not own: the objects, commits, keys.
 *
 * 1. A commit that holds a payload above {@link SPILL_BYTES} is taken only with references to durable objects.
 * 2. What is remembered is found by (tenant, key, text) alone: nothing is shared between keys or tenants. // I8
 */
import { type AnyEvent, type Commit, type PayloadReference, type Sealer } from '@summit/events';
import { InvalidInputError, sha256 } from '@summit/kernel';
import { type ObjectStore } from './object-store.ts';
import { sealObject } from './sealed-object.ts';

/** A payload whose JSON text has more bytes stands in the object store. */
export const SPILL_BYTES = 128 * 1024;
/** One with more bytes is refused. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
/** Stored objects remembered at once; the oldest are forgotten, and stored anew when they are asked for. */
const REMEMBERED = 1024;
/** A commit's line as short as this holds no payload that is too large: sealed parts stand in base64. */
export const SPILL_LINE_LENGTH = Math.floor((SPILL_BYTES * 4) / 3);

/** A commit without what is too large for it, and where that stands. */
export interface SlimCommit {
  readonly commit: Commit;
  readonly references: readonly PayloadReference[];
}

/** Thrown instead of taking a commit: its payloads are to be stored first, then it is to be tried again. */
export class PayloadsToStore extends Error {
  /** Resolves when they are durable. Rejects with `OBJECTS_UNREACHABLE`; then it may be called again. */
  readonly store: () => Promise<void>;

  constructor(store: () => Promise<void>) {
    super('payloads are to be stored first');
    this.store = store;
  }
}

interface Payload {
  readonly event: number;
  readonly member: string;
  readonly text: string;
  readonly bytes: number;
}

export class PayloadShelf {
  readonly #objects: ObjectStore;
  readonly #sealer: Sealer;
  readonly #newSalt: () => string;
  readonly #stored = new Map<string, Pick<PayloadReference, 'digest' | 'salt'>>();

  constructor(objects: ObjectStore, sealer: Sealer, newSalt: () => string) {
    this.#objects = objects;
    this.#sealer = sealer;
    this.#newSalt = newSalt;
  }

  /**
   * The commit with references in the place of its large payloads; undefined where it has none. Throws
   * {@link PayloadsToStore} where they are not stored yet, and `PAYLOAD_TOO_LARGE`.
   */
  slim(commit: Commit): SlimCommit | undefined {
    const payloads = commit.events.flatMap(largeOf);
    if (payloads.length === 0) return undefined;
    const references: PayloadReference[] = [];
    for (const payload of payloads) {
      const { event, member, bytes } = payload;
      const known = this.#stored.get(nameOf(commit, payload));
      if (known) references.push({ event, member, bytes, ...known });
    }
    if (references.length < payloads.length) {
      throw new PayloadsToStore(async () => {
        await Promise.all(payloads.map((payload) => this.#store(commit, payload)));
      });
    }
    return { commit: { ...commit, events: commit.events.map(without(payloads)) }, references };
  }

  async #store(commit: Pick<Commit, 'tenant' | 'key'>, payload: Payload): Promise<void> {
    const name = nameOf(commit, payload);
    if (this.#stored.has(name)) return;
    const salt = this.#newSalt();
    const digest = await this.#objects.put(
      commit.tenant,
      sealObject(this.#sealer, commit, salt, payload.text),
    );
    this.#stored.set(name, { digest, salt });
    const oldest = this.#stored.keys().next();
    if (this.#stored.size > REMEMBERED && !oldest.done) this.#stored.delete(oldest.value);
  }
}

const nameOf = ({ tenant, key }: Pick<Commit, 'tenant' | 'key'>, { text }: Payload): string =>
  `${tenant}\n${key}\n${sha256(text)}`;

/** Members of an event's data that are too large to stand in a commit. */
function largeOf({ data }: AnyEvent, event: number): Payload[] {
  return Object.entries(data ?? {}).flatMap(([member, value]): Payload[] => {
    const text = JSON.stringify(value) as string | undefined; // none of what is undefined
    const bytes = text === undefined ? 0 : Buffer.byteLength(text);
    if (text === undefined || bytes <= SPILL_BYTES) return [];
    if (bytes > MAX_PAYLOAD_BYTES) throw tooLarge(member, bytes);
    return [{ event, member, text, bytes }];
  });
}

/** An event as its commit holds it: what stands in objects is left out. */
function without(payloads: readonly Payload[]) {
  return (event: AnyEvent, n: number): AnyEvent => {
    const members = payloads.filter((payload) => payload.event === n).map(({ member }) => member);
    if (members.length === 0) return event;
    const left = Object.entries(event.data ?? {}).filter(([member]) => !members.includes(member));
    // Only ever written, never folded: its schema is that of the event with its payloads back in their places.
    return { ...event, data: Object.fromEntries(left) } as AnyEvent;
  };
}

const tooLarge = (member: string, bytes: number): InvalidInputError =>
  new InvalidInputError(
    'PAYLOAD_TOO_LARGE',
    `the ${member} has ${String(bytes)} bytes, more than the ${String(MAX_PAYLOAD_BYTES)} that one payload may have`,
    'Keep large data in a store of your own and pass its reference.',
  );
