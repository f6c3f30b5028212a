import { PayloadTooLargeException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { ConflictError, InvalidInputError, RetryableError, TerminalError } from '@summit/kernel';
import { AnswerError } from './answer-error.ts';
import { faultOf } from './faults.ts';
import { type InvalidStatus, type Problem, problemOf } from './problem.ts';

const said = (error: unknown, invalid: InvalidStatus = 400): Problem =>
  problemOf(faultOf(error, '1 MiB'), 'a trace', invalid);

describe('an error over HTTP', () => {
  it('has the status of its kind, or of its code', () => {
    expect(said(new RetryableError('NO_LEADER', 'nobody', 'Again.'))).toMatchObject({ status: 503 });
    expect(said(new ConflictError('STATE_VERSION_MISMATCH', 'old', 'Read.'))).toMatchObject({ status: 412 });
    expect(said(new InvalidInputError('INVALID_BODY', 'x', 'y'), 422)).toMatchObject({ status: 400 });
    expect(said(new InvalidInputError('INVALID_ID', 'x', 'y'), 422)).toMatchObject({ status: 422 });
    expect(said(new InvalidInputError('INVALID_ID', 'x', 'y'))).toMatchObject({ status: 400 });
  });

  it('that another part answered with is told as it was recorded', () => {
    const record = { code: 'RUN_NOT_FOUND', message: 'no run', next: 'Look.', kind: 'not_found' } as const;
    expect(said(new AnswerError(record))).toEqual({
      type: '/errors/RUN_NOT_FOUND',
      title: 'run not found',
      status: 404,
      detail: 'no run',
      code: 'RUN_NOT_FOUND',
      next: 'Look.',
      traceId: 'a trace',
    });
  });

  it('of the framework gets a code and a sentence that helps', () => {
    expect(said(new SyntaxError('no JSON'))).toMatchObject({ status: 400, code: 'INVALID_JSON' });
    expect(said(new PayloadTooLargeException())).toMatchObject({
      status: 413,
      detail: 'the body is larger than 1 MiB',
    });
    expect(said({ statusCode: 414 })).toMatchObject({ status: 414, code: 'BAD_REQUEST' });
  });

  it('that is a defect says nothing of its inside', () => {
    for (const error of [new Error('secret'), new TerminalError('UNREACHABLE', 'secret', 'secret')]) {
      const problem = said(error);
      expect(problem.status).toBe(500);
      expect(JSON.stringify(problem)).not.toContain('secret');
    }
  });
});
