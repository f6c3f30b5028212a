import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import {
  errorRecord,
  hasCode,
  InvalidInputError,
  NotFoundError,
  RefusedError,
  RetryableError,
} from '@summit/kernel';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { requestTraceId } from './request-trace.ts';

/** Codes whose status is not their class's. */
const STATUS: Readonly<Record<string, number>> = { TOKEN_MISSING: 401, TOKEN_INVALID: 401 };

/** Where defects are told. */
interface ProblemLog {
  error(fields: object, message: string): void;
}

/** Every error leaves as RFC 9457 problem+json with a code, a sentence that helps and a trace id. */
export class ProblemFilter implements ExceptionFilter {
  readonly #log: ProblemLog;

  constructor(log: ProblemLog) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const traceId = requestTraceId(http.getRequest<FastifyRequest>());
    const status = statusOf(error);
    if (status === 500) this.#log.error({ err: error, traceId }, 'a request failed');
    const { code, message, next } = status === 500 ? DEFECT : errorRecord(error, 'BAD_REQUEST');
    const problem = {
      type: `/errors/${code}`,
      title: code.toLowerCase().replaceAll('_', ' '),
      status,
      detail: message,
      code,
      next,
      traceId,
    };
    void http
      .getResponse<FastifyReply>()
      .status(status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problem));
  }
}

Catch()(ProblemFilter); // as a decorator would: libraries have none

const DEFECT = {
  code: 'UNEXPECTED',
  message: 'something went wrong inside; the log of the service tells more',
  next: 'Report the trace id.',
};

function statusOf(error: unknown): number {
  if (error instanceof RefusedError) return STATUS[error.code] ?? 403;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof InvalidInputError) return 400;
  if (error instanceof RetryableError) return 503;
  if (error instanceof HttpException) return error.getStatus();
  if (hasCode(error, 'FST_ERR_CTP_BODY_TOO_LARGE')) return 413;
  const given = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof given === 'number' && given >= 400 && given < 500 ? given : 500;
}
