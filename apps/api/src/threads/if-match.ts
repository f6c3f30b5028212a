import { InvalidInputError } from '@summit/kernel';

/** A version of a state in a query. Throws `INVALID_QUERY`. */
export function versionOf(text: string): number {
  const version = wholeNumber(text);
  if (version !== undefined) return version;
  throw new InvalidInputError(
    'INVALID_QUERY',
    `at is ${JSON.stringify(text.slice(0, 80))}`,
    'Give a version of the state: a whole number.',
  );
}

/**
 * The version that an `If-Match` names (RFC 9110, section 13.1.1): the ETag that came with the state, with or without
 * its quotes. `*` names none, so it is refused. Throws `IF_MATCH_MISSING`, `INVALID_IF_MATCH`.
 */
export function expectedVersion(header: string | undefined): number {
  if (header === undefined || header === '') {
    throw new InvalidInputError(
      'IF_MATCH_MISSING',
      'an edit of the state says which version it was made for',
      'Read the state, and send its ETag as If-Match.',
    );
  }
  const version = wholeNumber(header.replace(/^"(.*)"$/, '$1'));
  if (version !== undefined) return version;
  throw new InvalidInputError(
    'INVALID_IF_MATCH',
    `If-Match is ${JSON.stringify(header.slice(0, 80))}`,
    'Send one ETag of the state, such as "3".',
  );
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
