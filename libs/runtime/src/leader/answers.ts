import { errorKind, errorRecord, NotFoundError, RetryableError } from '@summit/kernel';
import { type Answer } from './command.ts';

/** The answer for an error that was thrown. */
export function answerOf(error: unknown): Answer {
  return { ok: false, error: { ...errorRecord(error), kind: errorKind(error) } };
}

export function runNotFound(runId: string): NotFoundError {
  return new NotFoundError(
    'RUN_NOT_FOUND',
    `there is no run ${JSON.stringify(runId.slice(0, 80))}`,
    'Check the id; a run is seen by its own tenant alone.',
  );
}

export function approvalNotFound(approvalId: string): NotFoundError {
  return new NotFoundError(
    'APPROVAL_NOT_FOUND',
    `there is no approval ${JSON.stringify(approvalId.slice(0, 80))}`,
    'Check the id; one that was closed long ago is in the history of its run.',
  );
}

/** While the journal is away commands wait in memory; of more than that none is taken. */
export function backpressure(bytes: number): RetryableError {
  return new RetryableError(
    'BACKPRESSURE',
    `${String(bytes)} bytes of commits wait for the journal; no more commands are taken until it stores them`,
    'Send the same command with the same id again in a moment; summit doctor shows the journal.',
  );
}

/** A leader that lost its partition can not tell what became of what was pending. // I2 */
export function outcomeUnknown(reason: string): RetryableError {
  return new RetryableError(
    'OUTCOME_UNKNOWN',
    `the partition changed hands before the answer was durable (${reason})`,
    'Send the same command with the same id again: it is answered once.',
  );
}
