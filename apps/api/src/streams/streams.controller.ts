import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { InvalidInputError } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type Cursor, parseCursor, type StreamEvent } from '@summit/streams';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { RunFeeds } from './run-feeds.ts';
import { type EventPage } from './run-pages.ts';
import { Snapshots } from './snapshots.ts';
import { writeEvents } from './sse.ts';

/** Events of a page unless it is said, and at most. */
const PAGE = 200;
const LARGEST_PAGE = 1000;

/** A run as it happens. // C2 */
@Controller('v1/runs/:id')
export class StreamsController {
  readonly #feeds: RunFeeds;
  readonly #snapshots: Snapshots;
  readonly #callers: Callers;

  constructor(
    @Inject(RunFeeds) feeds: RunFeeds,
    @Inject(Snapshots) snapshots: Snapshots,
    @Inject(Callers) callers: Callers,
  ) {
    this.#feeds = feeds;
    this.#snapshots = snapshots;
    this.#callers = callers;
  }

  /** What has happened, a page at a time. */
  @Get('events')
  async events(
    @Req() request: FastifyRequest,
    @Param('id') runId: string,
    @Query('after') after?: string,
    @Query('limit') limit?: string,
  ): Promise<EventPage> {
    const { tenant } = await this.#callers.identify(request);
    return this.#feeds.page({ tenant, runId }, cursorOf(after), limitOf(limit));
  }

  /** What has happened since the cursor, then what happens, until the run has ended. */
  @Get('stream')
  async stream(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') runId: string,
    @Query('after') after?: string,
  ): Promise<void> {
    const { tenant } = await this.#callers.identify(request);
    const last = request.headers['last-event-id'];
    const cursor = cursorOf(typeof last === 'string' && last !== '' ? last : after);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      gone.abort();
    });
    const feed = this.#feeds.open({ tenant, runId }, cursor, gone.signal);
    const batches = feed.live();
    const first = await batches.next(); // what is refused is refused before the head is written
    if (cursor && feed.ended && first.value?.length === 0) {
      await batches.return();
      await reply.status(204).send(); // "nothing more": browsers do not come again
      return;
    }
    const snapshot = cursor ? [] : await this.#snapshots.of({ tenant, runId });
    reply.hijack();
    const events = joined([...snapshot, ...(first.value ?? [])], batches);
    await writeEvents(reply.raw, events).catch((error: unknown) => {
      this.#feeds.failed(runId, error); // the client comes again with its cursor
    });
  }
}

async function* joined(
  first: readonly StreamEvent[],
  rest: AsyncIterable<StreamEvent[]>,
): AsyncGenerator<readonly StreamEvent[], void, undefined> {
  yield first;
  yield* rest;
}

/** `+` of a cursor may come as a space: a URL that was not encoded. */
function cursorOf(text: string | undefined): Cursor | undefined {
  return text === undefined || text === '' ? undefined : parseCursor(text.replaceAll(' ', '+'));
}

function limitOf(limit: string | undefined): number {
  if (limit === undefined) return PAGE;
  const count = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (count >= 1 && count <= LARGEST_PAGE) return count;
  throw new InvalidInputError(
    'INVALID_QUERY',
    `limit is ${JSON.stringify(limit.slice(0, 80))}`,
    `Give a number of events, 1 to ${String(LARGEST_PAGE)}.`,
  );
}
