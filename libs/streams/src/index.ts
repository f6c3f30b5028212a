export { type Cursor, cursorText, invalidCursor, parseCursor, STREAM_START } from './cursor.ts';
export { RunStream } from './run-stream.ts';
export { StreamSession, type Token } from './session.ts';
export { endsStream, STREAM_EVENT_TYPES, type StreamBody, type StreamEvent } from './stream-event.ts';
