import { type ErrorKind, type ErrorRecord } from '@summit/kernel';

/** An error that a leader answered with. */
export class AnswerError extends Error {
  readonly record: ErrorRecord & { readonly kind: ErrorKind };
  constructor(record: ErrorRecord & { readonly kind: ErrorKind }) {
    super(record.message);
    this.record = record;
  }
}
