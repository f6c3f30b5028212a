import { Controller, Get, Header, Inject } from '@nestjs/common';
import { partitionToken } from '@summit/kernel';
import { type CommandGateway, type PartitionFigures } from '@summit/runtime';
import { GATEWAY } from './runs/gateway.ts';

/** A gauge of every partition, and what it is for. */
const GAUGES: readonly (readonly [string, string, (figures: PartitionFigures) => number])[] = [
  ['summit_runs_live', 'Runs that have not ended.', ({ runs }) => runs],
  ['summit_executors', 'Executors that the leader knows.', ({ executors }) => executors],
  ['summit_commits_pending', 'Commits decided and not yet durable.', ({ pending }) => pending],
  ['summit_leader_epoch', 'How often the partition changed hands.', ({ epoch }) => epoch],
];

/** What leaders say of themselves, for Prometheus. A partition that nobody leads is missing. */
@Controller()
export class MetricsController {
  readonly #gateway: CommandGateway;

  constructor(@Inject(GATEWAY) gateway: CommandGateway) {
    this.#gateway = gateway;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    const figures = await this.#gateway.figures();
    const lines = GAUGES.flatMap(([name, help, value]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...figures.map((one) => `${name}{partition="${partitionToken(one.partition)}"} ${value(one)}`),
    ]);
    const memory = process.memoryUsage().rss;
    return [
      ...lines,
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${memory}`,
      '',
    ].join('\n');
  }
}
