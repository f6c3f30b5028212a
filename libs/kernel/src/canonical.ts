import { InvalidInputError } from './errors.ts';

/**
 * The canonical text of a JSON value: JSON Canonicalization Scheme, RFC 8785.
 *
 * Members are ordered by UTF-16 code units and undefined members are left out, as `JSON.stringify` does.
 * Numbers and strings are already canonical in ECMAScript (RFC 8785 §3.2.2). Throws {@link InvalidInputError}
 * `NOT_JSON` for what JSON can not say: non-finite numbers, functions, symbols, bigints, lone surrogates, cycles.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** Deeper nesting than this is refused: no input may exhaust the stack. */
const MAX_DEPTH = 200;

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw notJson('a string with a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw notJson(`the number ${String(value)}`);
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > MAX_DEPTH) throw notJson(`nesting deeper than ${String(MAX_DEPTH)}`);
      return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
    default:
      throw notJson(`a value of type ${typeof value}`);
  }
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + write(items[i] ?? null, depth + 1);
  return text + ']';
}

function writeObject(value: object, depth: number): string {
  let text = '{';
  for (const [key, member] of Object.entries(value).sort(byKey)) {
    if (member === undefined) continue;
    text += (text.length === 1 ? '' : ',') + write(key, depth) + ':' + write(member, depth + 1);
  }
  return text + '}';
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

const notJson = (what: string): InvalidInputError =>
  new InvalidInputError('NOT_JSON', `${what} can not be written as JSON`, 'Send plain JSON values only.');
