/** Every service in one process: the same modules, another composition root; the edge has a thread of its own. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { apiConfig } from '@summit/api';
import { auditConfig } from '@summit/audit';
import { ExecutorModule, executorConfig } from '@summit/executor';
import { Orchestrator, orchestratorConfig, OrchestratorModule, serveBus } from '@summit/orchestrator';
import { KeptThread, readConfig, runService } from '@summit/platform';
import { provenanceGraphConfig } from '@summit/provenance-graph';
import { InProcessLink, type Log } from '@summit/runtime';
import { startEdge } from './edge-thread.ts';

const hostConfig = orchestratorConfig.extend(executorConfig.shape).extend(apiConfig.shape);

/** A service in a thread of the host, and where it listens; nobody waits until it does. */
interface Threaded {
  readonly thread: KeptThread;
  readonly urls: Readonly<Record<string, string>>;
}

/** It is given a port where it is wanted. */
function startAudit(log: Log): Threaded {
  const { SUMMIT_AUDIT_HOST, SUMMIT_AUDIT_PORT } = readConfig(auditConfig, process.env);
  const thread = new KeptThread({ name: 'audit', entry: new URL('./audit.ts', import.meta.url), log });
  return { thread, urls: { audit: `http://${SUMMIT_AUDIT_HOST}:${String(SUMMIT_AUDIT_PORT)}` } };
}

/** It is told of a Neo4j where it is wanted. */
function startGraph(log: Log): Threaded {
  const config = readConfig(provenanceGraphConfig, process.env);
  const { SUMMIT_GRAPH_HOST: host, SUMMIT_GRAPH_PORT: port, SUMMIT_NEO4J_BROWSER_URL: browser } = config;
  const entry = new URL('./provenance-graph.ts', import.meta.url);
  const thread = new KeptThread({ name: 'provenance-graph', entry, log });
  const url = `http://${host}:${String(port)}`;
  return {
    thread,
    urls: { 'provenance-graph': url, ...(browser !== undefined && { neo4jBrowser: browser }) },
  };
}

await runService('host', hostConfig, async (config, log, tracing) => {
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
  const threaded = [
    ...(process.env['SUMMIT_AUDIT_PORT'] === undefined ? [] : [startAudit(log)]),
    ...(process.env['SUMMIT_NEO4J_URL'] === undefined ? [] : [startGraph(log)]),
  ];
  return {
    url: edge.url,
    urls: Object.fromEntries(threaded.flatMap(({ urls }) => Object.entries(urls))),
    close: async () => {
      await Promise.all(threaded.map(({ thread }) => thread.close()));
      await edge.close();
      await app.close();
    },
  };
});
