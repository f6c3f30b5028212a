import { Controller, Get, Header, Inject } from '@nestjs/common';
import { partitionToken } from '@summit/kernel';
import { type CommandGateway, type PartitionFigures } from '@summit/runtime';
import { DeadLetters } from './dead-letters.ts';
import { requestLines } from './http/request-counts.ts';
import { readModelGauges } from './read-models/gauges.ts';
import { ReadModelAccess } from './read-models/read-model-access.ts';
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
  readonly #readModels: ReadModelAccess;
  readonly #dead: DeadLetters;

  constructor(
    @Inject(GATEWAY) gateway: CommandGateway,
    @Inject(ReadModelAccess) readModels: ReadModelAccess,
    @Inject(DeadLetters) dead: DeadLetters,
  ) {
    this.#dead = dead;
    this.#gateway = gateway;
    this.#readModels = readModels;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(): Promise<string> {
    const [figures, dead] = await Promise.all([this.#gateway.figures(), this.#dead.byReason()]);
    const lines = GAUGES.flatMap(([name, help, value]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...figures.map((one) => `${name}{partition="${partitionToken(one.partition)}"} ${value(one)}`),
    ]);
    const memory = process.memoryUsage().rss;
    return [
      ...lines,
      '# HELP summit_dead_letters Commands of the last day that could not be read.',
      '# TYPE summit_dead_letters gauge',
      ...dead.map(([reason, count]) => `summit_dead_letters{reason="${reason}"} ${count}`),
      ...readModelGauges(this.#readModels.standing),
      ...requestLines(),
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${memory}`,
      '',
    ].join('\n');
  }
}
