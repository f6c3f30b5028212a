import 'reflect-metadata';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { orchestratorConfig } from './config.ts';
import { OrchestratorModule } from './orchestrator.module.ts';
import { serveBus } from './serve-bus.ts';

const config = readConfig(orchestratorConfig, process.env);
const log = makeLog('orchestrator', config.SUMMIT_LOG);

await runService('orchestrator', log, async (tracing) => {
  log.info(redacted(config), 'starts');
  const app = await serveBus(OrchestratorModule.register({ config, log, tracing }), config, log);
  return { url: '', close: () => app.close() };
});
