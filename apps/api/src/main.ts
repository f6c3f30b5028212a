import 'reflect-metadata';
import { connectNats } from '@summit/journal-nats';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { NatsGateway } from '@summit/runtime';
import { ApiModule } from './api.module.ts';
import { apiConfig, publisherOf } from './config.ts';
import { readModelsOf } from './read-models/config.ts';
import { serveHttp } from './serve.ts';

const config = readConfig(apiConfig, process.env);
const log = makeLog('api', config.SUMMIT_LOG);

await runService('api', log, async (tracing) => {
  log.info(redacted(config), 'starts');
  const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'api' });
  const gateway = new NatsGateway(nc, config.SUMMIT_PARTITIONS);
  const module = ApiModule.register({
    dataDir: config.SUMMIT_DATA,
    gateway,
    ready: () => !nc.isClosed(),
    nc,
    partitions: config.SUMMIT_PARTITIONS,
    log,
    events: publisherOf(config),
    readModels: readModelsOf(config, process.env),
  });
  const served = await serveHttp(module, config, log, tracing);
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await nc.drain();
    },
  };
});
