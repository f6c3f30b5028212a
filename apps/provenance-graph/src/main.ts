import 'reflect-metadata';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { provenanceGraphConfig } from './config.ts';
import { serveProvenanceGraph } from './serve.ts';

const config = readConfig(provenanceGraphConfig, process.env);
const log = makeLog('provenance-graph', config.SUMMIT_LOG);

await runService('provenance-graph', log, (tracing) => {
  log.info(redacted(config), 'starts');
  return serveProvenanceGraph(config, log, tracing);
});
