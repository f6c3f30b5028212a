import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { traceIdOf } from '../trace.ts';
import { faultOf } from './faults.ts';
import { type InvalidStatus, problemOf } from './problem.ts';
import { traceOf } from './request-trace.ts';

/** Where defects are told. */
export interface ProblemLog {
  error(fields: object, message: string): void;
}

export interface ProblemOptions {
  /** 400 unless it is said. */
  readonly invalid?: InvalidStatus;
  /** The largest body that is taken, in words. */
  readonly largest?: string;
}

/** Every error leaves as RFC 9457 problem+json with a code, a sentence that helps and a trace id. */
export class ProblemFilter implements ExceptionFilter {
  readonly #log: ProblemLog;
  readonly #invalid: InvalidStatus;
  readonly #largest: string;

  constructor(log: ProblemLog, { invalid = 400, largest = 'what is taken here' }: ProblemOptions = {}) {
    this.#log = log;
    this.#invalid = invalid;
    this.#largest = largest;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const traceId = traceIdOf(traceOf(http.getRequest<FastifyRequest>())) ?? '';
    const fault = faultOf(error, this.#largest);
    if (fault.kind === 'defect') this.#log.error({ err: error, traceId }, 'a request failed');
    const problem = problemOf(fault, traceId, this.#invalid);
    void http
      .getResponse<FastifyReply>()
      .status(problem.status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problem));
  }
}

Catch()(ProblemFilter); // as a decorator would: libraries have none
