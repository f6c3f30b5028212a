import { randomUUID } from 'node:crypto';
import { InvalidInputError, type Json } from '@summit/kernel';
import { type Identity } from '@summit/platform';
import { AnswerError, traceOf } from '@summit/platform/http';
import { type Answer, type Command, type CommandBody } from '@summit/runtime';
import { randomHex } from '@summit/vault';
import { type FastifyRequest } from 'fastify';

/** A caller may wait this long for a run, seconds. */
const MAX_WAIT_S = 60;
/** Characters of an Idempotency-Key. */
const MAX_KEY = 256;

/** The command of a request, in its caller's name. Without an `Idempotency-Key` its id is made here. */
export function commandOf(
  request: FastifyRequest,
  { tenant, user, roles }: Identity,
  body: CommandBody,
  commandId: string,
): Command {
  return { tenant, user, roles, commandId, trace: traceOf(request, randomHex), body };
}

/** Throws `INVALID_ID` for a key that is too long. */
export function commandIdOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return randomUUID();
  if (key.length <= MAX_KEY) return key;
  throw new InvalidInputError(
    'INVALID_ID',
    'the Idempotency-Key is too long',
    `Use at most ${MAX_KEY} characters.`,
  );
}

/** The value of an answer. Throws {@link AnswerError}. */
export function valueOf(answer: Answer): Json {
  if (answer.ok) return answer.value;
  throw new AnswerError(answer.error);
}

/** `?wait=` as milliseconds. Throws `INVALID_QUERY`. */
export function waitOf(wait: string | undefined): number {
  if (wait === undefined) return 0;
  const seconds = wait === '' ? Number.NaN : Number(wait);
  if (seconds >= 0 && seconds <= MAX_WAIT_S) return seconds * 1000;
  throw new InvalidInputError(
    'INVALID_QUERY',
    `wait is ${JSON.stringify(wait.slice(0, 80))}`,
    `Give seconds, 0 to ${MAX_WAIT_S}.`,
  );
}
