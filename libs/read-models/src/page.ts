import { InvalidInputError, isObject } from '@summit/kernel';

/** Rows of a page at most, and where nothing is said. */
export const MAX_LIMIT = 200;
export const DEFAULT_LIMIT = 50;

/** Where a page begins, and how long it is. */
export interface PageRequest {
  readonly limit?: number | undefined;
  /** As the page before gave it in `next`. */
  readonly after?: string | undefined;
}

/** Newest first. `next` is absent on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** The last row of a page: rows are ordered by time, then by id. */
export interface PageEnd {
  readonly at: number;
  readonly id: string;
}

/** Opaque to clients. */
export function cursorOf({ at, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** Throws `INVALID_QUERY` for what {@link cursorOf} did not make. */
export function endOf(cursor: string): PageEnd {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && !isObject(value)) {
      const [at, id] = value as readonly unknown[];
      if (typeof at === 'number' && typeof id === 'string') return { at, id };
    }
  } catch {
    // falls through to the one error below
  }
  throw new InvalidInputError(
    'INVALID_QUERY',
    'after is no cursor of a page',
    'Give what next said, as it was.',
  );
}

/** Cuts one row more than was asked for off, and says where the next page begins. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  end: (row: R) => PageEnd,
  show: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(show), ...(more && { next: cursorOf(end(last)) }) };
}
