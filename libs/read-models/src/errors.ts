import { ConflictError, RetryableError } from '@summit/kernel';

/** Another projector of the same partition was faster; what this one made of the batch is thrown away. // I7 */
export const positionTaken = (partition: number, expected: number): ConflictError =>
  new ConflictError(
    'POSITION_TAKEN',
    `the read models of partition ${String(partition)} no longer stand at sequence ${String(expected)}`,
    'Nothing to do: it reads the position again and goes on from there.',
  );

/** The database can not be asked now. */
export const readModelsAway = (why: string, cause?: unknown): RetryableError =>
  new RetryableError(
    'READ_MODELS_UNAVAILABLE',
    `the read models can not be asked: ${why}`,
    'Runs go on without them; ask again when PostgreSQL is back (summit status).',
    { cause },
  );
