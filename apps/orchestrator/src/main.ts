import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { orchestratorConfig } from './config.ts';
import { OrchestratorModule } from './orchestrator.module.ts';

const config = readConfig(orchestratorConfig, process.env);
const log = makeLog('orchestrator', config.SUMMIT_LOG);

await runService('orchestrator', log, async (tracing) => {
  log.info(redacted(config), 'starts');
  const app = await NestFactory.createApplicationContext(OrchestratorModule.register({ config, log, tracing }), {
    logger: false,
    abortOnError: false,
  });
  return { url: '', close: () => app.close() };
});
