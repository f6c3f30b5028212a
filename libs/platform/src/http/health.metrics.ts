import { Controller, Get, Header, Inject } from '@nestjs/common';
import { partitionToken } from '@summit/kernel';

/** One value of a metric, and what tells it from the metric's others. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric in Prometheus' text format (exposition format 0.0.4): a value of now. */
export const gauge = (name: string, help: string, samples: readonly Sample[]): string[] =>
  metric('gauge', name, help, samples);

/** The same, of what only grows while the process lives; its name ends in `_total`. */
export const counter = (name: string, help: string, samples: readonly Sample[]): string[] =>
  metric('counter', name, help, samples);

/** A sample of each partition. */
export const byPartition = <One extends { readonly partition: number }>(
  all: readonly One[],
  value: (one: One) => number,
): Sample[] => all.map((one) => [{ partition: partitionToken(one.partition) }, value(one)]);

function metric(type: string, name: string, help: string, samples: readonly Sample[]): string[] {
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${String(value)}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Names what a service measures; see {@link Metrics}. */
export const METRICS = Symbol('METRICS');

/** The lines of {@link gauge} and {@link counter}, as they are now. */
export type Metrics = () => readonly string[] | Promise<readonly string[]>;

/** `GET /metrics`, for Prometheus. */
export class MetricsController {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  async metrics(): Promise<string> {
    return [...(await this.#metrics()), ''].join('\n');
  }
}

// As decorators would: libraries have none.
Controller()(MetricsController);
Inject(METRICS)(MetricsController, undefined, 0);
const shown = Object.getOwnPropertyDescriptor(MetricsController.prototype, 'metrics') ?? {};
Get('metrics')(MetricsController.prototype, 'metrics', shown);
Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')(
  MetricsController.prototype,
  'metrics',
  shown,
);
