import { type DynamicModule, Module } from '@nestjs/common';
import { ApprovalCommandsController } from './commands/approval-commands.controller.ts';
import { RunCommandsController } from './commands/run-commands.controller.ts';
import { ThreadCommandsController } from './commands/thread-commands.controller.ts';
import { Orchestrator, ORCHESTRATOR_OPTIONS, type OrchestratorOptions } from './orchestrator.ts';

@Module({})
export class OrchestratorModule {
  static register(options: OrchestratorOptions): DynamicModule {
    return {
      module: OrchestratorModule,
      controllers: [RunCommandsController, ThreadCommandsController, ApprovalCommandsController],
      providers: [{ provide: ORCHESTRATOR_OPTIONS, useValue: options }, Orchestrator],
      exports: [Orchestrator],
    };
  }
}
