import { type ErrorKind, type ErrorRecord } from '@summit/kernel';

/** An error that another part answered with: what was recorded of it is all there is. */
export class AnswerError extends Error {
  readonly record: ErrorRecord & { readonly kind: ErrorKind };

  constructor(record: ErrorRecord & { readonly kind: ErrorKind }) {
    super(record.message);
    this.record = record;
  }
}
