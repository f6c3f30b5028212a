import { type ErrorKind, type ErrorRecord } from '@summit/kernel';

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

export function statusOf(kind: ErrorKind, code: string): number {
  const own = STATUS[code];
  if (own !== undefined) return own;
  switch (kind) {
    case 'invalid':
      return 422;
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

/** An error as problem+json. A defect says nothing of its inside. */
export function problemOf(error: ErrorRecord & { readonly kind: ErrorKind }, traceId: string): Problem {
  const { code, message, next, kind } = error;
  const hidden = kind === 'defect';
  return {
    type: `/errors/${code}`,
    title: code.toLowerCase().replaceAll('_', ' '),
    status: statusOf(kind, code),
    detail: hidden ? 'something went wrong inside; the log of the service tells more' : message,
    code,
    ...(next !== undefined && !hidden && { next }),
    traceId,
  };
}
