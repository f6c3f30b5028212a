import { Controller, Get, Header, Inject } from '@nestjs/common';
import { partitionToken, RetryableError } from '@summit/kernel';
import { AuditLogs, type PartitionHealth } from './logs/audit-logs.ts';

/** A gauge of every partition, and what it is for. */
const GAUGES: readonly (readonly [string, string, (health: PartitionHealth) => number])[] = [
  [
    'summit_audit_sequence',
    'Last group of the journal that is covered by checkpoints.',
    ({ sequence }) => sequence,
  ],
  ['summit_audit_pending', 'Groups that are not covered yet.', ({ pending }) => pending],
  ['summit_audit_checkpoint_lag_ms', 'From commit to signed checkpoint, last batch.', ({ lagMs }) => lagMs],
  [
    'summit_audit_stopped',
    '1 where the logs have stopped for good.',
    ({ stopped }) => (stopped === undefined ? 0 : 1),
  ],
];

@Controller()
export class HealthController {
  readonly #logs: AuditLogs;

  constructor(@Inject(AuditLogs) logs: AuditLogs) {
    this.#logs = logs;
  }

  /** The process lives; of a partition that has stopped, why. */
  @Get('healthz')
  healthz(): { status: string; partitions: PartitionHealth[] } {
    const partitions = this.#logs.health;
    return { status: partitions.some(({ stopped }) => stopped !== undefined) ? 'stopped' : 'ok', partitions };
  }

  /** It signs what comes. */
  @Get('readyz')
  readyz(): { status: string } {
    const stopped = this.#logs.health.find((health) => health.stopped !== undefined);
    if (!stopped) return { status: 'ready' };
    const message = `the logs of partition ${String(stopped.partition)} have stopped: ${stopped.stopped ?? ''}`;
    throw new RetryableError('NOT_READY', message, 'Read the page of that code.');
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): string {
    const gauges = GAUGES.flatMap(([name, help, value]) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...this.#logs.health.map(
        (one) => `${name}{partition="${partitionToken(one.partition)}"} ${String(value(one))}`,
      ),
    ]);
    const leaves = ['# TYPE summit_audit_leaves gauge', `summit_audit_leaves ${String(this.#logs.leaves)}`];
    return [...gauges, ...leaves, ''].join('\n');
  }
}
