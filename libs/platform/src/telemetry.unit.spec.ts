import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportTo, startTelemetry, type Telemetry } from './index.ts';

describe('without an exporter in the environment', () => {
  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:1' }],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'console' }],
  ])('there is no telemetry: %j', async (environment) => {
    expect(await startTelemetry('test', environment)).toBeUndefined();
  });
});

describe('with an exporter', () => {
  let exporter: InMemorySpanExporter;
  let telemetry: Telemetry;
  beforeEach(async () => {
    exporter = new InMemorySpanExporter();
    telemetry = await exportTo('test', exporter);
  });
  afterEach(() => telemetry.close());
  const spans = () => exporter.getFinishedSpans();

  it('a span is part of the trace that its parent names', () => {
    const outer = telemetry.tracing.span('outer', { parent: '', attributes: { 'summit.tenant': 'acme' } });
    const inner = telemetry.tracing.span('inner', { parent: outer.traceparent, kind: 'client' });
    inner.end({ 'summit.attempt': 2 }, 'TOOL_FAILED');
    outer.end();
    const [first, second] = spans();
    expect(first).toMatchObject({
      name: 'inner',
      parentSpanContext: { spanId: second?.spanContext().spanId },
      attributes: { 'summit.attempt': 2, 'error.type': 'TOOL_FAILED' },
      status: { code: 2 },
    });
    expect(first?.spanContext().traceId).toBe(second?.spanContext().traceId);
    expect(second?.resource.attributes['service.name']).toBe('summit-test');
  });

  it('what others trace inside of it nests under it, across awaits', async () => {
    const outer = telemetry.tracing.span('outer', { parent: '' });
    await outer.run(async () => {
      await Promise.resolve();
      trace.getTracer('of a tool').startSpan('own').end();
    });
    outer.end();
    const [own, last] = spans();
    expect(own?.parentSpanContext?.spanId).toBe(last?.spanContext().spanId);
    trace.getTracer('of a tool').startSpan('outside').end();
    expect(spans()[2]?.parentSpanContext).toBeUndefined();
  });

  it('keeps the links of other traces, and leaves out what is no traceparent', () => {
    const other = telemetry.tracing.span('other', { parent: 'nonsense' });
    telemetry.tracing.span('linked', { parent: '', links: [other.traceparent, '', 'nonsense'] }).end();
    expect(spans()[0]?.links.map(({ context }) => context.traceId)).toEqual([
      other.traceparent.split('-')[1],
    ]);
  });

  it('a caller who does not sample is not traced', () => {
    const parent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`;
    const span = telemetry.tracing.span('quiet', { parent });
    span.end();
    expect(spans()).toEqual([]);
    expect(span.traceparent).toMatch(/^00-1{32}-[0-9a-f]{16}-00$/);
  });
});
