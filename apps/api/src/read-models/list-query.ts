import { InvalidInputError } from '@summit/kernel';
import { MAX_LIMIT, type PageRequest, RUN_STATUSES, type RunStatus } from '@summit/read-models';

/** What a list's path may ask for. */
export interface ListQuery {
  readonly limit?: string;
  readonly after?: string;
}

/** Throws `INVALID_QUERY`. */
export function pageRequestOf({ limit, after }: ListQuery): PageRequest {
  return { ...(limit !== undefined && { limit: limitOf(limit) }), ...(after !== undefined && { after }) };
}

/** Throws `INVALID_QUERY`. */
export function statusOfQuery(status: string): RunStatus {
  const known = RUN_STATUSES.find((one) => one === status);
  if (known) return known;
  throw invalidQuery('status', status, `Give one of ${RUN_STATUSES.join(', ')}.`);
}

function limitOf(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalidQuery('limit', text, `Give a number from 1 to ${String(MAX_LIMIT)}.`);
}

const invalidQuery = (name: string, text: string, next: string): InvalidInputError =>
  new InvalidInputError('INVALID_QUERY', `${name} is ${JSON.stringify(text.slice(0, 80))}`, next);
