import { isObject, type Json } from '@summit/kernel';
import { DEFAULT_LIMIT, endOf, type Page, pageOf, type PageEnd, type PageRequest } from '@summit/read-models';

/** A question to people, as a leader or a row tells of it. */
export interface Approval {
  readonly place: PageEnd;
  readonly told: Json;
}

/** Reads what leaders answered. */
export function approvalsOf(answer: Json): Approval[] {
  return (Array.isArray(answer) ? (answer as readonly Json[]) : []).map(approvalOf);
}

export function approvalOf(told: Json): Approval {
  const { approvalId, requestedAt } = isObject(told) ? told : {};
  const id = typeof approvalId === 'string' ? approvalId : '';
  return { place: { at: typeof requestedAt === 'number' ? requestedAt : 0, id }, told };
}

/**
 * A page, newest first, of what the leaders know and of what only the rows still hold. `past`: of the rows that come
 * after the cursor, the newest, one more than the limit; what both have is told as the leader does.
 */
export function approvalPage(
  known: readonly Approval[],
  past: readonly Approval[],
  { limit = DEFAULT_LIMIT, after }: PageRequest,
): Page<Json> {
  const begin = after === undefined ? undefined : endOf(after);
  const all = new Map([...past, ...known].map((one) => [one.place.id, one]));
  const rows = [...all.values()].filter(({ place }) => !begin || newerFirst(begin, place) < 0);
  rows.sort((a, b) => newerFirst(a.place, b.place));
  return pageOf(
    rows,
    limit,
    ({ place }) => place,
    ({ told }) => told,
  );
}

/** As the rows are ordered: by time, then by id. */
function newerFirst(a: PageEnd, b: PageEnd): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
