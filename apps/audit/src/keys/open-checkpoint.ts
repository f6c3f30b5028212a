import { type Checkpoint, type NoteKey, openNote, parseCheckpoint } from '@summit/transparency-log';
import { verifyEd25519 } from './log-key.ts';

/** What a note says where this key signed it, and it is of the log that bears the key's name; else undefined. */
export function openCheckpoint(note: string, key: NoteKey): Checkpoint | undefined {
  try {
    const text = openNote(note, [key], verifyEd25519);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
    return checkpoint?.origin === key.name ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}
