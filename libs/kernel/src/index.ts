export { canonicalJson, MAX_DEPTH } from './canonical.ts';
export { type Digest, isDigest, sha256, sha256Bytes, ZERO_DIGEST } from './digest.ts';
export {
  assertNever,
  ConflictError,
  type ErrorDetail,
  errorKind,
  type ErrorKind,
  type ErrorRecord,
  errorRecord,
  hasCode,
  InvalidInputError,
  NotFoundError,
  RefusedError,
  RetryableError,
  SummitError,
  TerminalError,
} from './errors.ts';
export { FewMap } from './few-map.ts';
export {
  fromSubjectToken,
  type IdKind,
  makeId,
  MAX_NAME_BYTES,
  parseId,
  partitionOf,
  partitionToken,
  subjectToken,
} from './ids.ts';
export { isObject, type Json, type JsonObject } from './json.ts';
export { SlotMap } from './slot-map.ts';
export { type Clock, type Duration, durationMs, type Instant } from './time.ts';
export { type SpanAttributes, type SpanOptions, type TraceSpan, type Tracing } from './tracing.ts';
