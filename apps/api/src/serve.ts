import { type Tracing } from '@summit/kernel';
import { type RunningService } from '@summit/platform';
import { serveModule } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { type ApiConfig, MAX_BODY_BYTES } from './config.ts';
import { textOf } from './http/sent.ts';
import { countRequests } from './http/request-counts.ts';
import { traceRequests } from './http/trace-requests.ts';

/** Longer than a proxy keeps its connections open, milliseconds, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

/** Listens with a composed module; the url says where. */
export function serveHttp(
  module: Parameters<typeof serveModule>[0],
  { SUMMIT_API_HOST, SUMMIT_API_PORT }: Pick<ApiConfig, 'SUMMIT_API_HOST' | 'SUMMIT_API_PORT'>,
  log: Log,
  tracing?: Tracing,
): Promise<RunningService> {
  return serveModule(module, {
    host: SUMMIT_API_HOST,
    port: SUMMIT_API_PORT,
    log,
    problems: { invalid: 422, largest: '1 MiB' },
    server: { bodyLimit: MAX_BODY_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
    prepare: (fastify) => {
      const parseJson = fastify.getDefaultJsonParser('error', 'error');
      fastify.addContentTypeParser('application/json-patch+json', { parseAs: 'string' }, parseJson);
      fastify.setReplySerializer(textOf);
      countRequests(fastify);
      if (tracing) traceRequests(fastify, tracing);
    },
  });
}
