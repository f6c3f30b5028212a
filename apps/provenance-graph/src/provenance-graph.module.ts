import { type DynamicModule, Module } from '@nestjs/common';
import { type TokenVerifier } from '@summit/platform';
import { Callers, HEALTH, HealthController, METRICS, MetricsController } from '@summit/platform/http';
import { ProvenanceGraph, type ProvenanceGraphOptions } from './graph/provenance-graph.ts';
import { healthOfGraph, metricsOfGraph } from './health.ts';
import { LineageController } from './lineage/lineage.controller.ts';
import { RebuildController } from './rebuild.controller.ts';

export interface ProvenanceGraphModuleOptions extends ProvenanceGraphOptions {
  /** Whose tokens are believed. */
  readonly tokens: TokenVerifier;
}

@Module({})
export class ProvenanceGraphModule {
  static register(options: ProvenanceGraphModuleOptions): DynamicModule {
    return {
      module: ProvenanceGraphModule,
      controllers: [LineageController, RebuildController, HealthController, MetricsController],
      providers: [
        { provide: ProvenanceGraph, useFactory: () => new ProvenanceGraph(options) },
        { provide: HEALTH, useFactory: healthOfGraph, inject: [ProvenanceGraph] },
        { provide: METRICS, useFactory: metricsOfGraph, inject: [ProvenanceGraph] },
        { provide: Callers, useFactory: () => new Callers(options.tokens) },
      ],
    };
  }
}
