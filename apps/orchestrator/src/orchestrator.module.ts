import { type DynamicModule, Module } from '@nestjs/common';
import { Orchestrator, ORCHESTRATOR_OPTIONS, type OrchestratorOptions } from './orchestrator.ts';

@Module({})
export class OrchestratorModule {
  static register(options: OrchestratorOptions): DynamicModule {
    return {
      module: OrchestratorModule,
      providers: [{ provide: ORCHESTRATOR_OPTIONS, useValue: options }, Orchestrator],
      exports: [Orchestrator],
    };
  }
}
