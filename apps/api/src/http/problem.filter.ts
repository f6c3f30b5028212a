import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { errorRecord, SummitError } from '@summit/kernel';
import { traceIdOf } from '@summit/platform';
import { answerOf, type ErrorKind, type Log } from '@summit/runtime';
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
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const message = 'the body is larger than 1 MiB';
    return {
      code: 'BODY_TOO_LARGE',
      message,
      next: 'Send less; pass large things by reference.',
      kind: 'invalid',
    };
  }
  if (error instanceof HttpException && error.getStatus() === 404) {
    const next = 'See /docs for what there is.';
    return { code: 'ROUTE_NOT_FOUND', message: error.message, next, kind: 'not_found' };
  }
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  if (
    error instanceof SyntaxError ||
    code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ||
    status === 400 ||
    isBadRequest(error)
  ) {
    const message = error instanceof Error ? error.message : 'the body can not be read';
    return { code: 'INVALID_JSON', message, next: 'Send application/json that parses.', kind: 'invalid' };
  }
  return undefined;
}

const isBadRequest = (error: unknown): boolean => error instanceof HttpException && error.getStatus() === 400;
