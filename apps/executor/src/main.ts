import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { executorConfig } from './config.ts';
import { ExecutorModule } from './executor.module.ts';

const config = readConfig(executorConfig, process.env);
const log = makeLog('executor', config.SUMMIT_LOG);

await runService('executor', log, async (tracing) => {
  log.info(redacted(config), 'starts');
  const app = await NestFactory.createApplicationContext(
    ExecutorModule.register({ config, log, tracing, secret: (name) => process.env[name] }),
    {
      logger: false,
      abortOnError: false,
    },
  );
  return { url: '', close: () => app.close() };
});
