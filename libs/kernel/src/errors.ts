/** What an error of ours carries besides its message. */
export interface ErrorDetail {
  /** Whatever helps the reader: field paths, both sides of a conflict. JSON only; never a secret. */
  readonly detail?: unknown;
  readonly cause?: unknown;
}

/**
 * Base of every error of the runtime. The class is the retry decision; `code` is stable and has a page in
 * `docs/errors/`; `next` tells the reader what to do. Across processes guard by code ({@link hasCode}),
 * never by `instanceof`.
 */
export abstract class SummitError extends Error {
  /** Whether the same call may succeed later without a change by the caller. */
  abstract readonly retryable: boolean;
  readonly code: string;
  readonly next: string;
  readonly detail: unknown;

  constructor(code: string, message: string, next: string, { detail, cause }: ErrorDetail = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.next = next;
    this.detail = detail;
  }
}

/** It will not succeed, however often it is tried. */
export class TerminalError extends SummitError {
  readonly retryable = false;
}

/** The input is wrong; the caller can mend it. */
export class InvalidInputError extends SummitError {
  readonly retryable = false;
}

/** Nothing is there, or nothing that the caller may know of. */
export class NotFoundError extends SummitError {
  readonly retryable = false;
}

/** Policy or permission says no. */
export class RefusedError extends SummitError {
  readonly retryable = false;
}

/** The world has moved on: read again, then decide whether to repeat. */
export class ConflictError extends SummitError {
  readonly retryable = false;
}

/** It may succeed when tried again later, unchanged. */
export class RetryableError extends SummitError {
  readonly retryable = true;
}

/** Guards by code, so that errors which crossed a process are recognised too. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** An error as it is recorded and sent: no stack, no cause. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
  readonly retryable?: boolean | undefined;
}

/**
 * The record of anything that was thrown. Foreign errors get the code `UNEXPECTED` unless one is given. What foreign
 * code put where a text should be becomes one: a record that is none could never be read again.
 */
export function errorRecord(error: unknown, code = 'UNEXPECTED'): ErrorRecord {
  try {
    if (!(error instanceof SummitError)) {
      return { code, message: textOf(error instanceof Error ? error.message : error) };
    }
    const next: unknown = error.next;
    return {
      code: textOf(error.code),
      message: textOf(error.message),
      next: next === undefined ? undefined : textOf(next),
      retryable: (error.retryable as unknown) === true,
    };
  } catch {
    return { code, message: 'what was thrown can not be looked at' };
  }
}

/** Never throws, whatever it is given. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return 'an object that has no text';
  }
}

/** How an edge words an error: as HTTP status, as exit status. */
export type ErrorKind = 'invalid' | 'not_found' | 'refused' | 'conflict' | 'unavailable' | 'defect';

/** The kind of anything that was thrown; what is none of ours is a defect. */
export function errorKind(error: unknown): ErrorKind {
  if (error instanceof InvalidInputError) return 'invalid';
  if (error instanceof NotFoundError) return 'not_found';
  if (error instanceof RefusedError) return 'refused';
  if (error instanceof ConflictError) return 'conflict';
  if (error instanceof RetryableError) return 'unavailable';
  return 'defect';
}

/** Closes a `switch` over a union: a member that is not handled does not compile. */
export function assertNever(value: never): never {
  throw new TerminalError('UNREACHABLE', `unexpected ${JSON.stringify(value)}`, 'Report this as a defect.');
}
