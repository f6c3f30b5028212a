import { HttpException } from '@nestjs/common';
import { errorKind, errorRecord, SummitError } from '@summit/kernel';
import { AnswerError } from './answer-error.ts';
import { type Fault } from './problem.ts';

/** What is to be said of anything that was thrown. `largest` words the limit of bodies. */
export function faultOf(error: unknown, largest: string): Fault {
  if (error instanceof AnswerError) return error.record;
  if (error instanceof SummitError) {
    const { code, message, next } = error;
    return { code, message, next, kind: errorKind(error) };
  }
  return frameworkFault(error, largest) ?? { ...errorRecord(error), kind: 'defect' };
}

/** What Fastify and Nest refuse by themselves. */
function frameworkFault(error: unknown, largest: string): Fault | undefined {
  const message = error instanceof Error ? error.message : '';
  const status = statusOf(error);
  switch (status) {
    case 400:
      return { code: 'INVALID_JSON', message, next: 'Send application/json that parses.', kind: 'invalid' };
    case 404:
      return { code: 'ROUTE_NOT_FOUND', message, next: 'See /docs for what there is.', kind: 'not_found' };
    case 413:
      return {
        code: 'BODY_TOO_LARGE',
        message: `the body is larger than ${largest}`,
        next: 'Send less; pass large things by reference.',
        kind: 'invalid',
      };
    case 415:
      return { code: 'UNSUPPORTED_MEDIA_TYPE', message, next: 'Send application/json.', kind: 'invalid' };
    default:
      if (status === undefined || status < 400 || status >= 500) return undefined;
      return { code: 'BAD_REQUEST', message, next: 'Check the request.', kind: 'invalid', status };
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof SyntaxError) return 400;
  const given =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof given === 'number' ? given : undefined;
}
