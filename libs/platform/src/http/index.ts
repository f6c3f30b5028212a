export { AnswerError } from './answer-error.ts';
export { Callers } from './callers.ts';
export { type Health, HEALTH, HealthController, notReady } from './health.controller.ts';
export {
  byPartition,
  counter,
  gauge,
  type Metrics,
  METRICS,
  MetricsController,
  type Sample,
} from './health.metrics.ts';
export { ProblemFilter } from './problem.filter.ts';
export { givenTraceOf, rememberTrace, traceOf } from './request-trace.ts';
export { serveModule } from './serve-module.ts';
