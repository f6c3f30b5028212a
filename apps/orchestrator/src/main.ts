import 'reflect-metadata';
import { runService } from '@summit/platform';
import { orchestratorConfig } from './config.ts';
import { OrchestratorModule } from './orchestrator.module.ts';
import { serveBus } from './serve-bus.ts';

await runService('orchestrator', orchestratorConfig, async (config, log, tracing) => {
  const app = await serveBus(OrchestratorModule.register({ config, log, tracing }), config, log);
  return { url: '', close: () => app.close() };
});
