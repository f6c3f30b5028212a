import { type TraceSpan, type Tracing } from '@summit/kernel';
import { givenTraceOf, rememberTrace } from '@summit/platform/http';
import { type FastifyInstance, type FastifyRequest } from 'fastify';

/** Asked for all the time, and of no interest to a trace. */
const QUIET: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Makes each request a span of its caller's trace, or the first of a new one; what it leads to is part of it. */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, TraceSpan>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? '(none)';
    if (!QUIET.has(route)) {
      const span = tracing.span(`${method} ${route}`, {
        parent: givenTraceOf(request) ?? '',
        kind: 'server',
        attributes: { 'http.request.method': method, 'http.route': route },
      });
      spans.set(request, span);
      rememberTrace(request, span.traceparent);
    }
    done();
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    const failure = statusCode >= 500 ? String(statusCode) : undefined;
    spans.get(request)?.end({ 'http.response.status_code': statusCode }, failure);
    done();
  });
}
