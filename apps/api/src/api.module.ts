import { type DynamicModule, Module } from '@nestjs/common';
import { DevelopmentTokens } from '@summit/platform';
import { type CommandGateway } from '@summit/runtime';
import { HealthController, READINESS, type Readiness } from './health.controller.ts';
import { Authenticator } from './http/request-context.ts';
import { ErrorPagesController } from './docs/error-pages.controller.ts';
import { OpenApiController } from './docs/openapi.controller.ts';
import { MetricsController } from './metrics.controller.ts';
import { GATEWAY } from './runs/gateway.ts';
import { RunCommandsController } from './runs/run-commands.controller.ts';
import { RunStarter } from './runs/run-starter.ts';
import { RunsController } from './runs/runs.controller.ts';
import { StateController } from './threads/state.controller.ts';
import { ThreadsController } from './threads/threads.controller.ts';

/** What the edge is made of. */
export interface ApiOptions {
  readonly dataDir: string;
  /** How commands reach leaders, asked when the module starts. */
  readonly gateway: CommandGateway;
  readonly ready: Readiness;
}

@Module({})
export class ApiModule {
  static register({ dataDir, gateway, ready }: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        RunsController,
        RunCommandsController,
        ThreadsController,
        StateController,
        HealthController,
        MetricsController,
        ErrorPagesController,
        OpenApiController,
      ],
      providers: [
        RunStarter,
        { provide: GATEWAY, useValue: gateway },
        { provide: READINESS, useValue: ready },
        { provide: Authenticator, useFactory: () => new Authenticator(new DevelopmentTokens(dataDir)) },
      ],
    };
  }
}
