import { InvalidInputError, isObject } from '@summit/kernel';
import { invalidBody } from '@summit/platform';
import { envelope } from '@summit/runtime';

/** A message is at most this long, in bytes; as over HTTP. */
const MAX_BYTES = 1024 * 1024;

/** A message as it was read: its envelope, and what comes with the verb. */
export interface BusMessage {
  readonly commandId: string | undefined;
  /** The command of the same user that is to be answered before it. */
  readonly after: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads plain JSON. Throws `BODY_TOO_LARGE`, `INVALID_JSON`, `INVALID_BODY`. */
export function readMessage(data: Uint8Array): BusMessage {
  if (data.length > MAX_BYTES) {
    throw new InvalidInputError(
      'BODY_TOO_LARGE',
      'the message is larger than 1 MiB',
      'Send less; pass large things by reference.',
    );
  }
  const body = parsed(data);
  if (!isObject(body)) throw invalidBody('the message must be a JSON object');
  const { commandId, after, ...fields } = body;
  const read = envelope.safeParse({ commandId, after });
  if (read.success) return { commandId: read.data.commandId, after: read.data.after, fields };
  throw invalidBody(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data)) as unknown;
  } catch {
    throw new InvalidInputError('INVALID_JSON', 'the message is not JSON in UTF-8', 'Send JSON that parses.');
  }
}
