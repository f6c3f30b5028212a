import { expectNoneStopped, healthOf } from '@summit/journal';
import { byPartition, gauge, type Health, type Metrics } from '@summit/platform/http';
import { type AuditLogs, LOGS } from './logs/audit-logs.ts';

/** Of a partition that has stopped, why; ready while it signs what comes. */
export const healthOfLogs = (logs: AuditLogs): Health => ({
  alive: () => healthOf(logs.standings),
  ready() {
    expectNoneStopped(logs.standings, LOGS);
    return { status: 'ready' };
  },
});

export const metricsOfLogs =
  (logs: AuditLogs): Metrics =>
  () => [
    ...gauge(
      'summit_audit_sequence',
      'Last group of the journal that is covered by checkpoints.',
      byPartition(logs.standings, ({ sequence }) => sequence),
    ),
    ...gauge(
      'summit_audit_pending',
      'Groups that are not covered yet.',
      byPartition(logs.standings, ({ pending }) => pending),
    ),
    ...gauge(
      'summit_audit_checkpoint_lag_ms',
      'From commit to signed checkpoint, oldest of the last batch.',
      byPartition(logs.standings, ({ lagMs }) => lagMs),
    ),
    ...gauge(
      'summit_audit_stopped',
      '1 where the logs have stopped for good.',
      byPartition(logs.standings, ({ state }) => Number(state === 'stopped')),
    ),
    ...gauge('summit_audit_leaves', 'Leaves under signed checkpoints.', [[{}, logs.leaves]]),
  ];
