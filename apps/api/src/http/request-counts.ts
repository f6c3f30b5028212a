import { type FastifyInstance } from 'fastify';

/** Answers by status. */
type Statuses = Map<number, number>;

/**
 * Answers since the process began, by route, method and status: a counter for Prometheus. Every request passes here,
 * so names are made when somebody asks for them.
 */
const counts = new Map<string, Map<string, Statuses>>();

/** Counts every answer of a server. */
export function countRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', ({ method, routeOptions: { url = '' } }, { statusCode }, done) => {
    const statuses = counts.get(url)?.get(method) ?? statusesOf(url, method);
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    done();
  });
}

/** New ones, of a route that was not called by this method before. */
function statusesOf(url: string, method: string): Statuses {
  const statuses: Statuses = new Map();
  counts.set(url, (counts.get(url) ?? new Map<string, Statuses>()).set(method, statuses));
  return statuses;
}

/** The counter as `/metrics` shows it. */
export function requestLines(): readonly string[] {
  const lines = [
    '# HELP summit_http_requests_total Requests that were answered.',
    '# TYPE summit_http_requests_total counter',
  ];
  for (const [route, methods] of counts)
    for (const [method, statuses] of methods)
      for (const [status, count] of statuses)
        lines.push(
          `summit_http_requests_total{method="${method}",route="${route}",status="${status}"} ${count}`,
        );
  return lines;
}
