import { type DynamicModule, Module } from '@nestjs/common';
import { DevelopmentTokens } from '@summit/platform';
import { Callers } from '@summit/platform/http';
import { ProvenanceGraph, type ProvenanceGraphOptions } from './graph/provenance-graph.ts';
import { HealthController } from './health.controller.ts';
import { LineageController } from './lineage/lineage.controller.ts';
import { RebuildController } from './rebuild.controller.ts';

export interface ProvenanceGraphModuleOptions extends ProvenanceGraphOptions {
  /** Holds the key of development tokens. */
  readonly dataDir: string;
}

@Module({})
export class ProvenanceGraphModule {
  static register(options: ProvenanceGraphModuleOptions): DynamicModule {
    return {
      module: ProvenanceGraphModule,
      controllers: [LineageController, RebuildController, HealthController],
      providers: [
        { provide: ProvenanceGraph, useFactory: () => new ProvenanceGraph(options) },
        { provide: Callers, useFactory: () => new Callers(new DevelopmentTokens(options.dataDir)) },
      ],
    };
  }
}
