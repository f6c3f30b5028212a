import 'reflect-metadata';
import { connectNats } from '@summit/journal-nats';
import { runService, tokenVerifier } from '@summit/platform';
import { NatsGateway } from '@summit/runtime';
import { ApiModule } from './api.module.ts';
import { apiConfig, publisherOf } from './config.ts';
import { readModelsOf } from './read-models/config.ts';
import { serveHttp } from './serve.ts';

await runService('api', apiConfig, async (config, log, tracing) => {
  const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'api' });
  const gateway = new NatsGateway(nc, config.SUMMIT_PARTITIONS);
  const module = ApiModule.register({
    dataDir: config.SUMMIT_DATA,
    tokens: tokenVerifier(config, log),
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
