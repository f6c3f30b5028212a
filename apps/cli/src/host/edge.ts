/** The api in a thread of the host: HTTP costs the leaders' thread nothing but the answers. */
import 'reflect-metadata';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ApiModule, apiConfig, publisherOf, readModelsOf, serveHttp } from '@summit/api';
import { connectNats } from '@summit/journal-nats';
import { errorRecord } from '@summit/kernel';
import { makeLog, readConfig, startTelemetry, tokenVerifier } from '@summit/platform';
import { ThreadGateway } from '@summit/runtime';
import { type EdgeMessage } from './edge-thread.ts';

const host = parentPort;
if (!host) throw new Error('the edge runs as a thread of the host');
const say = (message: EdgeMessage): void => {
  host.postMessage(message);
};

const config = readConfig(apiConfig, process.env);
const log = makeLog('api', config.SUMMIT_LOG);
const { gateway: port } = workerData as { readonly gateway: MessagePort };
let ready = false;

try {
  const telemetry = await startTelemetry('api', process.env);
  const gateway = new ThreadGateway(port);
  const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'api' });
  const module = ApiModule.register({
    dataDir: config.SUMMIT_DATA,
    tokens: tokenVerifier(config, log),
    gateway,
    ready: () => ready,
    nc,
    partitions: config.SUMMIT_PARTITIONS,
    log,
    events: publisherOf(config),
    readModels: readModelsOf(config, process.env),
  });
  const served = await serveHttp(module, config, log, telemetry?.tracing);
  host.on('message', (message: EdgeMessage) => {
    if (message.kind === 'ready') ready = message.ready;
    if (message.kind !== 'close') return;
    const closed = served.close().then(() => telemetry?.close());
    void closed.finally(() => {
      void nc.close();
      port.close();
      say({ kind: 'closed' });
      host.close();
    });
  });
  say({ kind: 'serves', url: served.url });
} catch (error) {
  say({ kind: 'failed', error: errorRecord(error) });
}
