import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { KeptThread } from '@summit/platform';
import { type Log } from '@summit/runtime';

/** What the publisher's thread is given. */
export interface PublisherData {
  readonly natsUrl: string;
  readonly dataDir: string;
  readonly partitions: number;
  /** Of its log. */
  readonly level: string;
}

/** Keeps the thread that publishes `summit.events.>`; the api serves with it or without. */
@Injectable()
export class EventsPublisher implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #data: PublisherData;
  readonly #log: Log;
  #thread: KeptThread | undefined;

  constructor(data: PublisherData, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  onApplicationBootstrap(): void {
    const entry = new URL('./publisher.worker.ts', import.meta.url);
    this.#thread = new KeptThread({ name: 'events', entry, data: this.#data, log: this.#log });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#thread?.close();
  }
}
