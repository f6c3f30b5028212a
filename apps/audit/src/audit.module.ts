import { type DynamicModule, Module } from '@nestjs/common';
import { type TokenVerifier } from '@summit/platform';
import { Callers, HEALTH, HealthController, METRICS, MetricsController } from '@summit/platform/http';
import { healthOfLogs, metricsOfLogs } from './health.ts';
import { AuditLogs, type AuditLogsOptions } from './logs/audit-logs.ts';
import { LogController } from './logs/log.controller.ts';
import { ProofsController } from './proofs/proofs.controller.ts';
import { RebuildController } from './rebuild.controller.ts';

export interface AuditOptions extends AuditLogsOptions {
  /** Whose tokens are believed. */
  readonly tokens: TokenVerifier;
}

@Module({})
export class AuditModule {
  static register(options: AuditOptions): DynamicModule {
    return {
      module: AuditModule,
      controllers: [LogController, ProofsController, RebuildController, HealthController, MetricsController],
      providers: [
        { provide: AuditLogs, useFactory: () => new AuditLogs(options) },
        { provide: HEALTH, useFactory: healthOfLogs, inject: [AuditLogs] },
        { provide: METRICS, useFactory: metricsOfLogs, inject: [AuditLogs] },
        { provide: Callers, useFactory: () => new Callers(options.tokens) },
      ],
    };
  }
}
