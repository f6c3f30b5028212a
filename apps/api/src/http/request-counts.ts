import { type FastifyInstance } from 'fastify';

/** Answers since the process began, by method, route and status: a counter for Prometheus. */
const counts = new Map<string, number>();

/** Counts every answer of a server. */
export function countRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', ({ method, routeOptions }, { statusCode }, done) => {
    const name = `method="${method}",route="${routeOptions.url ?? ''}",status="${statusCode}"`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    done();
  });
}

/** The counter as `/metrics` shows it. */
export function requestLines(): readonly string[] {
  return [
    '# HELP summit_http_requests_total Requests that were answered.',
    '# TYPE summit_http_requests_total counter',
    ...[...counts].map(([name, count]) => `summit_http_requests_total{${name}} ${count}`),
  ];
}
