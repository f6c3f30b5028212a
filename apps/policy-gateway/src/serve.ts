import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type RunningService } from '@summit/platform';
import { ProblemFilter } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { MAX_BUNDLE_BYTES } from './config.ts';

/** Listens with a composed module; the url says where. */
export async function servePolicyGateway(
  module: Parameters<typeof NestFactory.create>[0],
  { host, port }: { readonly host: string; readonly port: number },
  log: Log,
): Promise<RunningService> {
  const adapter = new FastifyAdapter();
  adapter
    .getInstance()
    .addContentTypeParser(
      'application/gzip',
      { parseAs: 'buffer', bodyLimit: MAX_BUNDLE_BYTES },
      (_request, body, done) => {
        done(null, body);
      },
    );
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.useGlobalFilters(new ProblemFilter(log));
  await app.listen(port, host);
  return { url: await app.getUrl(), close: () => app.close() };
}
