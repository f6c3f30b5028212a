/**
 * Where a reader of a run's stream stands. Outlives servers: it names places in the journal, and of model calls that
 * are still open how much of their text was told.
 *
 *   <commit version>.<event number> [+<permit version>.<event number>.<token index>.<characters>]…
 *
 * Opaque to clients; this is the one place that reads and writes it.
 */
import { InvalidInputError } from '@summit/kernel';

/** How far the text of one model call was told; (`permit`, `event`) is the place of its `model_start`. */
export interface CallCursor {
  readonly permit: number;
  /** One commit may permit several calls. */
  readonly event: number;
  /** Of the last token. */
  readonly index: number;
  /** Of the text so far, in UTF-16 code units: an outcome completes it though the tokens are gone. */
  readonly chars: number;
}

/** The last event that was delivered: the `event`-th of the run's commit `version`. */
export interface Cursor {
  readonly version: number;
  readonly event: number;
  readonly calls: readonly CallCursor[];
}

/** Before everything. */
export const STREAM_START: Cursor = { version: 0, event: 0, calls: [] };

/** More characters are no cursor of ours. */
const MAX_CHARACTERS = 8192;
const NUMBER = '(?:0|[1-9]\\d{0,15})';
const CURSOR = new RegExp(`^${NUMBER}\\.${NUMBER}(?:\\+${NUMBER}(?:\\.${NUMBER}){3})*$`);

export function cursorText({ version, event, calls }: Cursor): string {
  let text = `${String(version)}.${String(event)}`;
  for (const call of calls) text += `+${[call.permit, call.event, call.index, call.chars].join('.')}`;
  return text;
}

/** Throws {@link InvalidInputError} `INVALID_CURSOR` for what {@link cursorText} never writes. */
export function parseCursor(text: string): Cursor {
  if (text.length > MAX_CHARACTERS || !CURSOR.test(text)) throw invalidCursor(text, 'is none of this server');
  const [place = '', ...calls] = text.split('+');
  const [version = 0, event = 0] = numbers(place);
  const open = calls.map((call) => {
    const [permit = 0, start = 0, index = 0, chars = 0] = numbers(call);
    return { permit, event: start, index, chars };
  });
  if (open.some((call) => isAfter(call.permit, call.event, { version, event })))
    throw invalidCursor(text, 'contradicts itself');
  return { version, event, calls: open };
}

const numbers = (text: string): number[] => text.split('.').map(Number);

/** `what` completes the sentence: the cursor … */
export function invalidCursor(text: string, what: string): InvalidInputError {
  return new InvalidInputError(
    'INVALID_CURSOR',
    `the cursor ${JSON.stringify(text.slice(0, 80))} ${what}`,
    'Send back the id of the last event as it was received, or no cursor at all to begin at the start.',
  );
}

/** Whether an event at (`version`, `event`) comes after a cursor. */
export function isAfter(version: number, event: number, cursor: Pick<Cursor, 'version' | 'event'>): boolean {
  return version > cursor.version || (version === cursor.version && event > cursor.event);
}
