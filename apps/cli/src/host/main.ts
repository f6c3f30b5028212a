/** Every service in one process: the same modules, another composition root; the edge has a thread of its own. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { apiConfig } from '@summit/api';
import { auditConfig } from '@summit/audit';
import { ExecutorModule, executorConfig } from '@summit/executor';
import { Orchestrator, orchestratorConfig, OrchestratorModule, serveBus } from '@summit/orchestrator';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { InProcessLink } from '@summit/runtime';
import { startEdge } from './edge-thread.ts';
import { ServiceThread } from './thread.ts';

const config = readConfig(
  orchestratorConfig.extend(executorConfig.shape).extend(apiConfig.shape),
  process.env,
);
const log = makeLog('summit', config.SUMMIT_LOG);

/** It is given a port where it is wanted; nobody waits until it listens. */
function startAudit(): { readonly thread: ServiceThread; readonly url: string } {
  const { SUMMIT_AUDIT_HOST, SUMMIT_AUDIT_PORT } = readConfig(auditConfig, process.env);
  const thread = new ServiceThread('audit', new URL('./audit.ts', import.meta.url), log);
  return { thread, url: `http://${SUMMIT_AUDIT_HOST}:${String(SUMMIT_AUDIT_PORT)}` };
}

await runService('host', log, async (tracing) => {
  log.info(redacted(config), 'starts');
  const link = new InProcessLink();

  @Module({
    imports: [
      OrchestratorModule.register({ config, log, link, tracing }),
      ExecutorModule.register({ config, log, link, tracing, secret: (name) => process.env[name] }),
    ],
  })
  class HostModule {}

  const app = await serveBus(HostModule, config, log);
  const orchestrator = app.get(Orchestrator);
  const edge = await startEdge({
    gateway: orchestrator.gateway,
    ready: () => orchestrator.ready,
    onDeath: (error) => {
      log.fatal({ err: error }, 'the edge has ended');
      process.exit(1);
    },
  });
  const audit = process.env['SUMMIT_AUDIT_PORT'] === undefined ? undefined : startAudit();
  return {
    url: edge.url,
    ...(audit && { urls: { audit: audit.url } }),
    close: async () => {
      await audit?.thread.close();
      await edge.close();
      await app.close();
    },
  };
});
