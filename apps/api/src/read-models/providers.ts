import { type NatsConnection } from '@nats-io/transport-node';
import { type FactoryProvider } from '@nestjs/common';
import { type Log } from '@summit/runtime';
import { type ReadModelsData } from './config.ts';
import { Projector } from './projector.ts';
import { ReadModelAccess } from './read-model-access.ts';

export interface ReadModelProviders {
  readonly nc: NatsConnection;
  readonly dataDir: string;
  readonly log: Log;
  readonly readModels: ReadModelsData | undefined;
}

/** What fills the read models and what asks them; without a PostgreSQL, what says that there is none. */
export function readModelProviders({ nc, dataDir, log, readModels }: ReadModelProviders): FactoryProvider[] {
  if (!readModels) return [{ provide: ReadModelAccess, useFactory: () => new ReadModelAccess() }];
  const { projectorUrl: postgresUrl, queryUrl, natsUrl, partitions, level, environment } = readModels;
  return [
    {
      provide: Projector,
      useFactory: () => new Projector({ natsUrl, dataDir, partitions, postgresUrl, level, environment }, log),
    },
    {
      provide: ReadModelAccess,
      inject: [Projector],
      useFactory: (projector: Projector) => new ReadModelAccess({ nc, dataDir, queryUrl }, projector),
    },
  ];
}
