import { byPartition, gauge } from '@summit/platform/http';
import { type ReadModelsStanding } from './read-model-access.ts';

/** How far the read models are, for Prometheus. Nothing where there are none. */
export function readModelGauges({ state, partitions }: ReadModelsStanding): string[] {
  if (state === 'off') return [];
  return [
    ...gauge(
      'summit_read_models_sequence',
      'Groups of the journal that are in.',
      byPartition(partitions, ({ sequence = 0 }) => sequence),
    ),
    ...gauge(
      'summit_read_models_pending',
      'Groups still to come, as last known.',
      byPartition(partitions, ({ pending = 0 }) => pending),
    ),
    ...gauge(
      'summit_read_models_up',
      '0 while they wait for PostgreSQL.',
      byPartition(partitions, ({ trouble }) => Number(trouble === undefined)),
    ),
  ];
}
