import { isObject } from '@summit/kernel';
import { invalidBody } from '@summit/platform';

export { readDto } from '@summit/platform';

/** Checks the body of a request that says everything by its path: none, or `{}`. Throws `INVALID_BODY`. */
export function expectNoBody(body: unknown): void {
  if (body === undefined || body === null) return;
  if (!isObject(body) || Object.keys(body).length > 0) throw invalidBody('the body must be {} or none');
}
