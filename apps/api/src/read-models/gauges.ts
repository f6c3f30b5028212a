import { partitionToken } from '@summit/kernel';
import { type ReadModelsStanding } from './read-model-access.ts';

/** How far the read models are, for Prometheus. Nothing where there are none. */
export function readModelGauges({ state, partitions }: ReadModelsStanding): string[] {
  if (state === 'off') return [];
  const gauge = (
    name: string,
    help: string,
    value: (one: (typeof partitions)[number]) => number,
  ): string[] => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...partitions.map((one) => `${name}{partition="${partitionToken(one.partition)}"} ${String(value(one))}`),
  ];
  return [
    ...gauge(
      'summit_read_models_sequence',
      'Groups of the journal that are in.',
      ({ sequence = 0 }) => sequence,
    ),
    ...gauge(
      'summit_read_models_pending',
      'Groups still to come, as last known.',
      ({ pending = 0 }) => pending,
    ),
    ...gauge('summit_read_models_up', '0 while they wait for PostgreSQL.', ({ trouble }) =>
      trouble === undefined ? 1 : 0,
    ),
  ];
}
