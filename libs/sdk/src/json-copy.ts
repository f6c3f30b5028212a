import { type Json, TerminalError } from '@summit/kernel';

/**
 * A JSON value's own copy, as it would come back from the journal: undefined members are left out, dates are texts,
 * `NaN` is null. What crosses between a workflow, a tool and the record is copied, so that nobody changes what was
 * recorded, and a live run sees what a replayed one does. Throws `NOT_JSON`.
 */
export function copyJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : null;
    case 'undefined':
      return null;
    case 'object':
      return copyObject(value);
    default:
      throw notJson(`a ${typeof value}`);
  }
}

function copyObject(value: object | null): Json {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(copyJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return throughText(value);
  const copy: Record<string, Json> = {};
  const members = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (member === undefined || typeof member === 'function') continue;
    if (key === '__proto__') return throughText(value);
    copy[key] = copyJson(member);
  }
  return copy;
}

/** Dates, class instances: as `JSON.stringify` writes them. */
function throughText(value: object): Json {
  try {
    return JSON.parse(JSON.stringify(value)) as Json;
  } catch (error) {
    throw notJson(error instanceof Error ? error.message : String(error));
  }
}

const notJson = (what: string): TerminalError =>
  new TerminalError(
    'NOT_JSON',
    `${what} can not be recorded`,
    'Pass and return plain JSON values: text, numbers, booleans, null, arrays, objects.',
  );
