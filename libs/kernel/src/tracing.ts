/**
 * What the runtime wants of a tracer, so that nothing below the apps knows a telemetry library. Without a tracer no span
 * is made and nothing is paid. A span tells ids, names of code, kinds and times; MUST NOT tell a payload, a message of
 * an error, or a name that people chose: spans leave the deployment's sealed store. // I9
 */
export interface Tracing {
  span(name: string, options: SpanOptions): TraceSpan;
}

/** Names follow OpenTelemetry: `gen_ai.*` where it has one, `summit.*` otherwise. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface SpanOptions {
  /** W3C `traceparent` of the span that this one is part of; empty: it begins a trace. */
  readonly parent: string;
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
  /** `traceparent`s of spans of other traces that led to this one. */
  readonly links?: readonly string[];
}

/** Something that takes time. Ended once. */
export interface TraceSpan {
  /** What a part of it names as its parent. */
  readonly traceparent: string;
  /** Runs with the span as the active one: what anybody traces inside becomes a part of it. */
  run<Value>(body: () => Value): Value;
  /** `failure`: the code of an error. */
  end(attributes?: SpanAttributes, failure?: string): void;
}
