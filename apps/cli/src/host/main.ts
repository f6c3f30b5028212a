/** Every service in one process: the same modules, another composition root; the edge has a thread of its own. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { apiConfig } from '@summit/api';
import { ExecutorModule, executorConfig } from '@summit/executor';
import { Orchestrator, orchestratorConfig, OrchestratorModule } from '@summit/orchestrator';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { InProcessLink } from '@summit/runtime';
import { startEdge } from './edge-thread.ts';

const config = readConfig(
  orchestratorConfig.extend(executorConfig.shape).extend(apiConfig.shape),
  process.env,
);
const log = makeLog('summit', config.SUMMIT_LOG);

await runService('host', log, async () => {
  log.info(redacted(config), 'starts');
  const link = new InProcessLink();

  @Module({
    imports: [
      OrchestratorModule.register({ config, log, link }),
      ExecutorModule.register({ config, log, link }),
    ],
  })
  class HostModule {}

  const app = await NestFactory.createApplicationContext(HostModule, { logger: false, abortOnError: false });
  const orchestrator = app.get(Orchestrator);
  const edge = await startEdge({
    gateway: orchestrator.gateway,
    ready: () => orchestrator.ready,
    onDeath: (error) => {
      log.fatal({ err: error }, 'the edge has ended');
      process.exit(1);
    },
  });
  return {
    url: edge.url,
    close: async () => {
      await edge.close();
      await app.close();
    },
  };
});
