export { orchestratorConfig, type OrchestratorConfig } from './config.ts';
export { Orchestrator, type OrchestratorOptions } from './orchestrator.ts';
export { serveBus } from './serve-bus.ts';
export { OrchestratorModule } from './orchestrator.module.ts';
