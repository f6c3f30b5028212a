import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '@summit/kernel';
import { endsStream, type StreamEvent } from '@summit/streams';
import { type ApiClient, type RunSaid, runPath } from '../api-client.ts';
import { type Given } from '../verb.ts';
import { EventTeller } from './event-text.ts';

/** Between two tries to come again, and how long they go on without an event, milliseconds. */
const AGAIN_MS = 1_000;
const PATIENCE_MS = 60_000;

/**
 * Tells what happens in a run from its start until it has ended; comes again with its cursor where the connection is
 * lost. On stdout, or on stderr where that is for one JSON document. Resolves with the run as it is then.
 */
export async function followRun(api: ApiClient, runId: string, given: Given): Promise<RunSaid> {
  const out = given.json ? process.stderr : process.stdout;
  const teller = new EventTeller((text) => out.write(text));
  for await (const event of eventsOf(api, runId, given)) teller.tell(event);
  teller.end();
  return api.get(runPath(runId));
}

async function* eventsOf(
  api: ApiClient,
  runId: string,
  given: Given,
): AsyncGenerator<StreamEvent, void, undefined> {
  let cursor: string | undefined;
  let heard = performance.now();
  for (;;) {
    try {
      for await (const event of api.stream(`${runPath(runId)}/stream`, cursor)) {
        yield event;
        cursor = event.cursor;
        heard = performance.now();
        if (endsStream(event)) return;
      }
    } catch (error) {
      const lost = error instanceof RetryableError && performance.now() - heard < PATIENCE_MS;
      if (cursor === undefined || !lost) throw error;
    }
    given.progress('the stream broke off; coming again');
    await delay(AGAIN_MS);
  }
}
