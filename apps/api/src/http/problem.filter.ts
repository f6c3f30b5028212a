import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type ErrorKind, errorRecord, SummitError } from '@summit/kernel';
import { traceIdOf } from '@summit/platform';
import { answerOf, type Log } from '@summit/runtime';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { AnswerError } from './answer-error.ts';
import { problemOf } from './problem.ts';
import { traceOf } from './request-context.ts';

interface Known {
  readonly code: string;
  readonly message: string;
  readonly next?: string | undefined;
  readonly kind: ErrorKind;
}

/** Every error leaves as RFC 9457 problem+json with a code, a sentence that helps and a trace id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const traceId = traceIdOf(traceOf(request)) ?? '';
    const known = knownOf(error);
    if (known.kind === 'defect') this.#log.error({ err: error, traceId }, 'a request failed');
    const problem = problemOf(known, traceId);
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problem));
  }
}

function knownOf(error: unknown): Known {
  if (error instanceof AnswerError) return error.record;
  if (error instanceof SummitError) {
    const { code, message, next } = error;
    const answer = answerOf(error);
    return { code, message, next, kind: answer.ok ? 'defect' : answer.error.kind };
  }
  return frameworkError(error) ?? { ...errorRecord(error), next: '', kind: 'defect' };
}

/** What Fastify and Nest refuse by themselves. */
function frameworkError(error: unknown): Known | undefined {
  const message = error instanceof Error ? error.message : '';
  switch (statusOf(error)) {
    case 400:
      return { code: 'INVALID_JSON', message, next: 'Send application/json that parses.', kind: 'invalid' };
    case 404:
      return { code: 'ROUTE_NOT_FOUND', message, next: 'See /docs for what there is.', kind: 'not_found' };
    case 413:
      return {
        code: 'BODY_TOO_LARGE',
        message: 'the body is larger than 1 MiB',
        next: 'Send less; pass large things by reference.',
        kind: 'invalid',
      };
    case 415:
      return { code: 'UNSUPPORTED_MEDIA_TYPE', message, next: 'Send application/json.', kind: 'invalid' };
    default:
      return undefined;
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof SyntaxError) return 400;
  const given =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof given === 'number' ? given : undefined;
}
