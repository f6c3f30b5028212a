import { type NatsConnection } from '@nats-io/transport-node';
import { type DynamicModule, Module } from '@nestjs/common';
import { type TokenVerifier } from '@summit/platform';
import { Callers, HEALTH, HealthController, METRICS, MetricsController } from '@summit/platform/http';
import { type CommandGateway, type Log } from '@summit/runtime';
import { ApprovalsController } from './approvals/approvals.controller.ts';
import { DeadLetters } from './dead-letters.ts';
import { healthOfApi, type Readiness } from './health.ts';
import { ErrorPagesController } from './docs/error-pages.controller.ts';
import { EventsPublisher, type PublisherData } from './events/events-publisher.ts';
import { SchemasController } from './docs/schemas.controller.ts';
import { OpenApiController } from './docs/openapi.controller.ts';
import { metricsOfApi } from './metrics.ts';
import { GATEWAY } from './runs/gateway.ts';
import { type ReadModelsData } from './read-models/config.ts';
import { ListsController } from './read-models/lists.controller.ts';
import { ReadModelAccess } from './read-models/read-model-access.ts';
import { readModelProviders } from './read-models/providers.ts';
import { RunCommandsController } from './runs/run-commands.controller.ts';
import { RunStarter } from './runs/run-starter.ts';
import { RunsController } from './runs/runs.controller.ts';
import { RunFeeds } from './streams/run-feeds.ts';
import { Snapshots } from './streams/snapshots.ts';
import { StreamsController } from './streams/streams.controller.ts';
import { StateController } from './threads/state.controller.ts';
import { ThreadsController } from './threads/threads.controller.ts';

/** What the edge is made of. */
export interface ApiOptions {
  readonly dataDir: string;
  /** Whose tokens are believed. */
  readonly tokens: TokenVerifier;
  /** How commands reach leaders, asked when the module starts. */
  readonly gateway: CommandGateway;
  readonly ready: Readiness;
  /** Where streams come from. */
  readonly nc: NatsConnection;
  readonly partitions: number;
  readonly log: Log;
  /** Publishes `summit.events.>`; without it nobody does. */
  readonly events?: PublisherData | undefined;
  /** PostgreSQL behind the lists; without it they answer 503. */
  readonly readModels?: ReadModelsData | undefined;
}

@Module({})
export class ApiModule {
  static register({
    dataDir,
    tokens,
    gateway,
    ready,
    nc,
    partitions,
    log,
    events,
    readModels,
  }: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        ListsController,
        RunsController,
        RunCommandsController,
        ThreadsController,
        ApprovalsController,
        StateController,
        StreamsController,
        HealthController,
        MetricsController,
        ErrorPagesController,
        OpenApiController,
        SchemasController,
      ],
      providers: [
        RunStarter,
        ...readModelProviders({ nc, dataDir, log, readModels }),
        Snapshots,
        { provide: DeadLetters, useFactory: () => new DeadLetters(nc) },
        { provide: RunFeeds, useFactory: () => new RunFeeds({ nc, dataDir, partitions, log }) },
        ...(events ? [{ provide: EventsPublisher, useFactory: () => new EventsPublisher(events, log) }] : []),
        { provide: GATEWAY, useValue: gateway },
        {
          provide: HEALTH,
          inject: [ReadModelAccess],
          useFactory: (readModels: ReadModelAccess) => healthOfApi(ready, readModels),
        },
        { provide: METRICS, useFactory: metricsOfApi, inject: [GATEWAY, ReadModelAccess, DeadLetters] },
        { provide: Callers, useFactory: () => new Callers(tokens) },
      ],
    };
  }
}
