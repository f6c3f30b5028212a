import { type Given, table } from './verb.ts';

/** The path of a list, with the options that were given as its query. */
export function listPath(path: string, given: Given, options: readonly string[]): string {
  const asked = new URLSearchParams();
  for (const option of options) {
    const text = given.text(option);
    if (text !== undefined) asked.set(option, text);
  }
  const query = asked.toString();
  return query === '' ? path : `${path}?${query}`;
}

/** A page in lines for people: its rows below their heads, or what there is instead, and how to go on. */
export function pageText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { none, next }: { readonly none: string; readonly next: string | undefined },
): string {
  const shown = rows.length === 0 ? none : table([head, ...rows]);
  return next === undefined ? shown : `${shown}\n… there is more: --after ${next}`;
}

/** `2026-11-22 20:15:03`, UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
