/** The largest message that is sent whole, bytes: below the server's `max_payload` (1 MiB by default). */
export const PART_BYTES = 512 * 1024;
/** Messages in parts that may be under way at once; of more the oldest is given up. */
const UNDER_WAY = 32;

const MARK = '#'.charCodeAt(0);

/**
 * A text as one payload, or as several where it is too large for one: `#<id> <part> <parts>\n`, then its bytes. JSON
 * texts never begin with `#`. A run with a long history is given to an executor like that.
 */
export function toParts(
  text: string,
  id: () => string,
  partBytes = PART_BYTES,
): readonly (string | Uint8Array)[] {
  if (text.length * 3 <= partBytes) return [text];
  const bytes = Buffer.from(text);
  if (bytes.length <= partBytes) return [bytes];
  const name = id();
  const count = Math.ceil(bytes.length / partBytes);
  return Array.from({ length: count }, (_, part) => {
    const head = Buffer.from(`#${name} ${String(part)} ${String(count)}\n`);
    return Buffer.concat([head, bytes.subarray(part * partBytes, (part + 1) * partBytes)]);
  });
}

/** Puts the parts of messages together again; what lost a part never comes to be. */
export class Assembly {
  readonly #underWay = new Map<string, Uint8Array[]>();

  /** The text that a payload is, or completes; undefined while parts are missing. */
  take(payload: Uint8Array): string | undefined {
    if (payload[0] !== MARK) return Buffer.from(payload).toString();
    const end = payload.indexOf(10);
    const [name = '', part, count] = Buffer.from(payload.subarray(1, end)).toString().split(' ');
    const parts = this.#underWay.get(name) ?? [];
    if (Number(part) !== parts.length) {
      this.#underWay.delete(name);
      return undefined;
    }
    parts.push(Buffer.from(payload.subarray(end + 1)));
    this.#keep(name, parts);
    if (parts.length < Number(count)) return undefined;
    this.#underWay.delete(name);
    return Buffer.concat(parts).toString();
  }

  #keep(name: string, parts: Uint8Array[]): void {
    this.#underWay.set(name, parts);
    const oldest = this.#underWay.keys().next();
    if (this.#underWay.size > UNDER_WAY && !oldest.done) this.#underWay.delete(oldest.value);
  }
}
