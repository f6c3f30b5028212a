/**
 * Traces leave a service where its environment names an exporter, as OpenTelemetry's own variables say:
 * `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`), or `OTEL_TRACES_EXPORTER=otlp|console`. Otherwise nothing of
 * OpenTelemetry's SDK is even loaded.
 */
import { type ContextManager, context, propagation, trace } from '@opentelemetry/api';
import { type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { type Tracing } from '@summit/kernel';
import { OtelTracing } from './otel-tracing.ts';

/** Spans wait this long for others to travel with, milliseconds. */
const BATCH_MS = 5_000;

export interface Telemetry {
  readonly tracing: Tracing;
  /** Sends what waits, then sends no more. */
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined where no exporter is configured. Of one process once: the context of spans is global. */
export async function startTelemetry(
  service: string,
  environment: Environment,
): Promise<Telemetry | undefined> {
  const kind = exporterOf(environment);
  if (kind === undefined) return undefined;
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace');
  const scheduledDelayMillis = Number(environment['OTEL_BSP_SCHEDULE_DELAY'] ?? BATCH_MS);
  const exporter = await makeExporter(kind);
  return telemetryOf(service, new BatchSpanProcessor({ exporter, scheduledDelayMillis }), environment);
}

async function makeExporter(kind: 'otlp' | 'console'): Promise<SpanExporter> {
  if (kind === 'console') return new (await import('@opentelemetry/sdk-trace')).ConsoleSpanExporter();
  return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
}

function exporterOf(environment: Environment): 'otlp' | 'console' | undefined {
  if (environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const named = environment['OTEL_TRACES_EXPORTER'];
  if (named === 'none') return undefined;
  if (named === 'console' || named === 'otlp') return named;
  const endpoint =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return endpoint === undefined || endpoint === '' ? undefined : 'otlp';
}

/** Every span as it ends, to an exporter of one's own: for tests. */
export async function exportTo(service: string, exporter: SpanExporter): Promise<Telemetry> {
  const { SimpleSpanProcessor } = await import('@opentelemetry/sdk-trace');
  return telemetryOf(service, new SimpleSpanProcessor({ exporter }), {});
}

async function telemetryOf(
  service: string,
  processor: SpanProcessor,
  environment: Environment,
): Promise<Telemetry> {
  const { TracerProvider } = await import('@opentelemetry/sdk-trace');
  const { defaultResource, resourceFromAttributes } = await import('@opentelemetry/resources');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const name = environment['OTEL_SERVICE_NAME'] ?? `summit-${service}`;
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': name })),
    sampler: await samplerOf(environment),
    spanProcessors: [processor],
  });
  const contexts: ContextManager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  return {
    tracing: new OtelTracing(provider.getTracer('summit')),
    async close() {
      await provider.shutdown();
      contexts.disable();
      for (const global of [context, trace, propagation]) global.disable();
    },
  };
}

/** `OTEL_TRACES_SAMPLER_ARG`: the part of new traces that is kept, 0 to 1; a caller's own decision stands. */
async function samplerOf(environment: Environment) {
  const { AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler } =
    await import('@opentelemetry/sdk-trace');
  const ratio = Number(environment['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
  const sampled = environment['OTEL_TRACES_SAMPLER']?.includes('traceidratio') ?? false;
  return new ParentBasedSampler({
    root: sampled ? new TraceIdRatioBasedSampler(ratio) : new AlwaysOnSampler(),
  });
}
