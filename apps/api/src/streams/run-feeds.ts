import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Log, NatsTokenSource, partitionOfRun, type TokenSource } from '@summit/runtime';
import { type Cursor } from '@summit/streams';
import {
  type PartitionSources,
  partitionSources,
  type PartitionSourcesOptions,
} from './partition-sources.ts';
import { notFound, RunFeed } from './run-feed.ts';
import { type RunName } from './run-lines.ts';
import { type EventPage, RunPages } from './run-pages.ts';

/** Where streams come from. */
export interface RunFeedsOptions extends PartitionSourcesOptions {
  readonly partitions: number;
  readonly log: Log;
}

/** Feeds of every run of the deployment, and pages of them. */
@Injectable()
export class RunFeeds implements OnApplicationShutdown {
  readonly #partitions: number;
  readonly #log: Log;
  readonly #sources: PartitionSources;
  readonly #tokens: TokenSource;
  readonly #end = new AbortController();
  readonly #pages = new RunPages({ open: (run, after) => this.open(run, after, this.#end.signal) });

  constructor(options: RunFeedsOptions) {
    this.#partitions = options.partitions;
    this.#log = options.log;
    this.#sources = partitionSources(options);
    this.#tokens = new NatsTokenSource(options.nc, options.log);
  }

  /** A feed, to be read at once. Throws `RUN_NOT_FOUND` where the id can be of no run. */
  open(run: RunName, after: Cursor | undefined, signal: AbortSignal): RunFeed {
    const partition = partitionOfRun(run.runId, this.#partitions);
    if (partition === undefined) throw notFound(run.runId);
    return new RunFeed({
      run,
      ...(after && { after }),
      source: this.#sources.of(partition),
      tokens: this.#tokens,
      signal: AbortSignal.any([signal, this.#end.signal]),
    });
  }

  /** Up to `size` events after a cursor. Rejects as feeds do. */
  page(run: RunName, after: Cursor | undefined, size: number): Promise<EventPage> {
    return this.#pages.page(run, after, size);
  }

  /** What ended a stream in its middle is a matter of the log. */
  failed(runId: string, error: unknown): void {
    this.#log.warn({ err: error, runId }, 'a stream broke off');
  }

  async onApplicationShutdown(): Promise<void> {
    this.#end.abort();
    this.#pages.close();
    await this.#sources.close();
  }
}
