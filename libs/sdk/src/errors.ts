import {
  type ErrorRecord,
  InvalidInputError,
  RetryableError,
  SummitError,
  TerminalError,
} from '@summit/kernel';

/** A step ended without a result: denied by policy, failed for good, or given up. `code` says which. */
export class StepError extends TerminalError {
  readonly stepKey: string;
  constructor(stepKey: string, { code, message, next }: ErrorRecord) {
    super(code, message, next ?? 'Look at the run for the reason.');
    this.stepKey = stepKey;
  }
}

/** The run was asked to stop; every open call of the workflow ends with this. */
export class RunCancelledError extends TerminalError {
  constructor() {
    super('RUN_CANCELLED', 'the run was cancelled', 'Let it propagate; the run ends as cancelled.');
  }
}

/** Thrown by a `once` tool that knows its effect did not happen and will not: the attempt failed, nothing is in doubt. */
export class NeverHappenedError extends RetryableError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('NEVER_HAPPENED', message, 'It may be tried again.', options ?? {});
  }
}

export { InvalidInputError, RetryableError, SummitError, TerminalError };

/** Thrown in a workflow whose call can not be taken; nothing was proposed. */
export const callInvalid = (why: string): InvalidInputError =>
  new InvalidInputError(
    'CALL_INVALID',
    why,
    'Mend the workflow: names, keys and roles are texts, a quorum is 1 or more.',
  );
