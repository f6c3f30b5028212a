import { InvalidInputError } from '@summit/kernel';

/** A note, checkpoint, proof, tile path or bundle that is not written as its specification says. */
export const logMalformed = (what: string, why: string): InvalidInputError =>
  new InvalidInputError(
    'LOG_MALFORMED',
    `${what} can not be read: ${why}`,
    'Fetch it again; compare it with its specification (c2sp.org).',
  );
