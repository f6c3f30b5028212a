import { RetryableError, SummitError, TerminalError } from '@summit/kernel';

/** Whatever a provider threw, as an error of ours. */
export function modelFailed(error: unknown): SummitError {
  if (error instanceof SummitError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RetryableError('MODEL_FAILED', `the model failed: ${message}`, 'It is tried again.', {
    cause: error,
  });
}

/** It answered with something that is no answer. */
export const nonsense = (what: string): RetryableError =>
  new RetryableError(
    'MODEL_RESPONSE_INVALID',
    `the model's answer is none: ${what}`,
    'It is tried again. Look at the endpoint where it does not stop.',
  );

export const unknownModel = (name: string, known: readonly string[]): TerminalError =>
  new TerminalError(
    'MODEL_UNKNOWN',
    `this executor knows no model named ${JSON.stringify(name)}`,
    `Name it in models of defineApp${name === 'default' ? ', or set SUMMIT_MODEL_URL and SUMMIT_MODEL_NAME' : ''}. Known: ${known.join(', ') || 'none'}.`,
  );
