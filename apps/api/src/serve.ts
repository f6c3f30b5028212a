import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Tracing } from '@summit/kernel';
import { type RunningService } from '@summit/platform';
import { ProblemFilter } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { type ApiConfig, MAX_BODY_BYTES, MAX_ID_CHARACTERS } from './config.ts';
import { countRequests } from './http/request-counts.ts';
import { traceRequests } from './http/trace-requests.ts';

/** Listens with a composed module; the url says where. */
export async function serveHttp(
  module: Parameters<typeof NestFactory.create>[0],
  { SUMMIT_API_HOST, SUMMIT_API_PORT }: Pick<ApiConfig, 'SUMMIT_API_HOST' | 'SUMMIT_API_PORT'>,
  log: Log,
  tracing?: Tracing,
): Promise<RunningService & { readonly app: NestFastifyApplication }> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: MAX_ID_CHARACTERS },
  });
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json-patch+json', { parseAs: 'string' }, parseJson);
  countRequests(fastify);
  if (tracing) traceRequests(fastify, tracing);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  app.useGlobalFilters(new ProblemFilter(log, { invalid: 422, largest: '1 MiB' }));
  await app.listen(SUMMIT_API_PORT, SUMMIT_API_HOST);
  return { app, url: await app.getUrl(), close: () => app.close() };
}
