import { type ErrorKind } from '@summit/kernel';

/** RFC 9457, with the runtime's own members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** What the reader should do. */
  readonly next?: string;
  readonly traceId: string;
}

/** What an answer says of an error. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
  readonly kind: ErrorKind;
  /** Where neither its kind nor its code says it. */
  readonly status?: number;
}

/** Status of input that can be read and still is wrong, where its code says none. */
export type InvalidStatus = 400 | 422;

/** Codes whose status is not their kind's. */
const STATUS: Readonly<Record<string, number>> = {
  INVALID_JSON: 400,
  INVALID_BODY: 400,
  INVALID_CURSOR: 400,
  TOKEN_MISSING: 401,
  TOKEN_INVALID: 401,
  STATE_VERSION_MISMATCH: 412,
  BODY_TOO_LARGE: 413,
  COMMIT_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IF_MATCH_MISSING: 428,
};

/** An error as problem+json. A defect says nothing of its inside. */
export function problemOf(fault: Fault, traceId: string, invalid: InvalidStatus): Problem {
  const { code, message, next, kind } = fault;
  const hidden = kind === 'defect';
  return {
    type: `/errors/${code}`,
    title: code.toLowerCase().replaceAll('_', ' '),
    status: fault.status ?? STATUS[code] ?? statusOf(kind, invalid),
    detail: hidden ? 'something went wrong inside; the log of the service tells more' : message,
    code,
    ...(next !== undefined && !hidden && { next }),
    traceId,
  };
}

function statusOf(kind: ErrorKind, invalid: InvalidStatus): number {
  switch (kind) {
    case 'invalid':
      return invalid;
    case 'not_found':
      return 404;
    case 'refused':
      return 403;
    case 'conflict':
      return 409;
    case 'unavailable':
      return 503;
    case 'defect':
      return 500;
  }
}
