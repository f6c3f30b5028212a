import { type ErrorRecord } from '@summit/kernel';
import { type ErrorKind } from '@summit/runtime';

/** An error that a leader answered with. */
export class AnswerError extends Error {
  readonly record: ErrorRecord & { readonly kind: ErrorKind };
  constructor(record: ErrorRecord & { readonly kind: ErrorKind }) {
    super(record.message);
    this.record = record;
  }
}
