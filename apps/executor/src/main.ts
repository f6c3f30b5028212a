import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { runService } from '@summit/platform';
import { executorConfig } from './config.ts';
import { ExecutorModule } from './executor.module.ts';

await runService('executor', executorConfig, async (config, log, tracing) => {
  const app = await NestFactory.createApplicationContext(
    ExecutorModule.register({ config, log, tracing, secret: (name) => process.env[name] }),
    {
      logger: false,
      abortOnError: false,
    },
  );
  return { url: '', close: () => app.close() };
});
