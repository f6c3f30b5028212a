/**
 * Server-sent events (WHATWG HTML, 9.2) to one client.
 *
 * Owns: the response from its head on. Writes as fast as the client reads; one that does not read for a while is cut
 * off, and goes on later with the id of the last event that it has.
 */
import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { type StreamEvent } from '@summit/streams';

/** A comment so often keeps proxies from closing a stream on which nothing happens, milliseconds. */
const HEARTBEAT_MS = 15_000;
/** A client that reads nothing for so long is cut off, milliseconds. */
const PATIENCE_MS = 15_000;
/** After which time a client that lost its connection comes again, milliseconds. */
const AGAIN_MS = 1_000;

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no', // nginx
} as const;

export interface SseOptions {
  readonly heartbeatMs?: number;
  readonly patienceMs?: number;
}

/** Writes batches until they end, the client goes, or it is too slow. Never rejects for what the client does. */
export async function writeEvents(
  response: ServerResponse,
  batches: AsyncIterable<readonly StreamEvent[]>,
  { heartbeatMs = HEARTBEAT_MS, patienceMs = PATIENCE_MS }: SseOptions = {},
): Promise<void> {
  response.writeHead(200, HEAD);
  response.write(`retry: ${String(AGAIN_MS)}\n\n`);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': heartbeat\n\n');
  }, heartbeatMs);
  try {
    for await (const batch of batches) {
      if (response.destroyed) return;
      if (batch.length === 0 || response.write(batch.map(textOf).join(''))) continue;
      if (!(await drained(response, patienceMs))) return;
    }
    response.end();
  } finally {
    clearInterval(heartbeat);
    if (!response.writableEnded) response.destroy();
  }
}

function textOf(event: StreamEvent): string {
  return `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Whether the client took what was written in time. */
async function drained(response: ServerResponse, patienceMs: number): Promise<boolean> {
  const over = new AbortController();
  const late = setTimeout(() => {
    over.abort();
  }, patienceMs);
  const { signal } = over;
  try {
    return await Promise.race([
      once(response, 'drain', { signal }).then(() => true),
      once(response, 'close', { signal }).then(() => false),
    ]);
  } catch {
    return false;
  } finally {
    clearTimeout(late);
    over.abort(); // the other one no longer listens
  }
}
