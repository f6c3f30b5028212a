export { type Cursor, cursorText, invalidCursor, parseCursor, STREAM_START } from './cursor.ts';
export { RunStream } from './run-stream.ts';
export { StreamSession, type Token } from './session.ts';
export { endsStream, type StreamBody, type StreamEvent, type StreamEventType } from './stream-event.ts';
