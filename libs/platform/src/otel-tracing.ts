import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type SpanContext,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { type SpanAttributes, type SpanOptions, type TraceSpan, type Tracing } from '@summit/kernel';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The runtime's spans, made by a tracer of OpenTelemetry. */
export class OtelTracing implements Tracing {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  span(name: string, { parent, kind = 'internal', attributes = {}, links = [] }: SpanOptions): TraceSpan {
    const within = contextOf(parent);
    const options = { kind: KINDS[kind], attributes: otel(attributes), links: links.flatMap(linkOf) };
    return new OtelSpan(this.#tracer.startSpan(name, options, within), within);
  }
}

class OtelSpan implements TraceSpan {
  readonly traceparent: string;
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span, within: Context) {
    this.#span = span;
    this.#context = trace.setSpan(within, span);
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  run<Value>(body: () => Value): Value {
    return context.with(this.#context, body);
  }

  end(attributes?: SpanAttributes, failure?: string): void {
    if (attributes) this.#span.setAttributes(otel(attributes));
    if (failure !== undefined) {
      this.#span.setAttribute('error.type', failure);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    }
    this.#span.end();
  }
}

function spanContextOf(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(found) ? found : undefined;
}

function contextOf(traceparent: string): Context {
  const parent = spanContextOf(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function linkOf(traceparent: string): Link[] {
  const linked = spanContextOf(traceparent);
  return linked ? [{ context: linked }] : [];
}

const otel = (attributes: SpanAttributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );
