/** The PROV graph's writer in a thread of the host: opening and mapping commits is no work for the leaders' thread. */
import 'reflect-metadata';
import { parentPort } from 'node:worker_threads';
import { makeLog, readConfig, startTelemetry } from '@summit/platform';
import { provenanceGraphConfig, serveProvenanceGraph } from '@summit/provenance-graph';

const host = parentPort;
if (!host) throw new Error('the graph is written in a thread of the host');

const config = readConfig(provenanceGraphConfig, process.env);
const telemetry = await startTelemetry('provenance-graph', process.env);
const log = makeLog('provenance-graph', config.SUMMIT_LOG);
const service = await serveProvenanceGraph(config, log, telemetry?.tracing);
const stop = async (): Promise<void> => {
  await service.close();
  await telemetry?.close();
};
host.once('message', () => void stop().finally(() => host.close()));
