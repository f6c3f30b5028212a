import { setTimeout as delay } from 'node:timers/promises';
import { endsStream, type StreamEvent } from '@summit/streams';
import { sentEvents } from '../follow/sse.ts';
import type { Client } from './client.fixture.ts';

/** Between two tries to come again, milliseconds. */
const AGAIN_MS = 100;

export interface Watch {
  /** The last event that is known; from the start without it. */
  readonly after?: string | undefined;
  /** Leaves, and comes again, after so many events of each connection. */
  readonly leaveAfter?: () => number;
  /** Called with each event as it comes. */
  readonly hear?: (event: StreamEvent) => void;
}

/** A run's stream to its end, through lost connections, as a client with a cursor has it. */
export async function watch(client: Client, runId: string, options: Watch = {}): Promise<StreamEvent[]> {
  const { leaveAfter = () => Number.POSITIVE_INFINITY, hear } = options;
  const events: StreamEvent[] = [];
  let { after } = options;
  const deadline = performance.now() + 120_000;
  while (!events.some(endsStream)) {
    if (performance.now() > deadline)
      throw new Error(`${runId} did not end; so far ${JSON.stringify(events.at(-1))}`);
    let left = leaveAfter();
    const leave = new AbortController();
    try {
      for await (const event of streamOf(client, runId, after, leave.signal)) {
        hear?.(event);
        after = event.cursor;
        if (event.type !== 'snapshot') events.push(event);
        if (--left <= 0) leave.abort();
      }
    } catch {
      await delay(leave.signal.aborted ? 0 : AGAIN_MS);
    }
  }
  return events;
}

async function* streamOf(
  client: Client,
  runId: string,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const headers = {
    authorization: `Bearer ${client.token}`,
    ...(after !== undefined && { 'last-event-id': after }),
  };
  const answer = await fetch(`${client.url}/v1/runs/${runId}/stream`, { headers, signal });
  if (!answer.body || answer.status !== 200) throw new Error(`the stream answers ${String(answer.status)}`);
  for await (const { data, id } of sentEvents(answer.body)) {
    const event = JSON.parse(data) as StreamEvent;
    if (event.cursor !== id) throw new Error('the id is not the cursor');
    yield event;
    if (signal.aborted) return;
  }
}

/** A run's events by pages, from the start. */
export async function pages(client: Client, runId: string, limit: number): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for (let after = ''; ;) {
    const path = `/v1/runs/${runId}/events?limit=${String(limit)}&after=${encodeURIComponent(after)}`;
    const { body } = await client.send(path);
    const page = body as unknown as { events: StreamEvent[]; next: string; ended: boolean };
    events.push(...page.events);
    if (page.ended) return events;
    after = page.next;
  }
}

/** What a client makes of events: those of the journal with their places, and the text of each attempt. */
export function transcriptOf(events: readonly StreamEvent[]): {
  said: string[];
  texts: Record<string, string>;
} {
  const texts: Record<string, string> = {};
  const said: string[] = [];
  for (const event of events) {
    if (event.type === 'token') {
      const call = `${event.stepId}/${String(event.attempt)}`;
      texts[call] = (texts[call] ?? '') + event.delta;
    } else said.push(`${event.cursor.split('+')[0] ?? ''} ${event.type}`);
  }
  return { said, texts };
}
