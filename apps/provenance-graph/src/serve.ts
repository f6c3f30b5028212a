import { join } from 'node:path';
import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { type Tracing } from '@summit/kernel';
import { LineageGraph, neo4jAddress } from '@summit/lineage-neo4j';
import { type RunningService, tokenVerifier } from '@summit/platform';
import { serveModule } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { FileKeyStore, Vault } from '@summit/vault';
import { type ProvenanceGraphConfig } from './config.ts';
import { OpenGraph } from './graph/open-graph.ts';
import { ProvenanceGraphModule } from './provenance-graph.module.ts';

/** Follows the journal, writes the graph and listens; the url says where. Neo4j may be away. */
export async function serveProvenanceGraph(
  config: ProvenanceGraphConfig,
  log: Log,
  tracing?: Tracing,
): Promise<RunningService> {
  const { SUMMIT_DATA, SUMMIT_NATS_URL, SUMMIT_NEO4J_URL, SUMMIT_TENANT } = config;
  const nc = await connectNats(SUMMIT_NATS_URL, { name: 'provenance-graph' });
  const keys = new FileKeyStore(join(SUMMIT_DATA, 'keys'));
  const module = ProvenanceGraphModule.register({
    tokens: tokenVerifier(config, log),
    tenant: SUMMIT_TENANT,
    partitions: config.SUMMIT_PARTITIONS,
    graph: new OpenGraph(() => LineageGraph.open(neo4jAddress(SUMMIT_NEO4J_URL), SUMMIT_TENANT)),
    vault: new Vault(keys),
    storeOf: (partition) => new NatsJournalStore(nc, { partition }),
    log,
    tracing,
    now: Date.now,
  });
  const { SUMMIT_GRAPH_HOST: host, SUMMIT_GRAPH_PORT: port, SUMMIT_NEO4J_BROWSER_URL: browser } = config;
  const served = await serveModule(module, { host, port, log });
  return {
    url: served.url,
    ...(browser !== undefined && { urls: { neo4jBrowser: browser } }),
    close: async () => {
      await served.close();
      await keys.close();
      await nc.drain();
    },
  };
}
