import { byPartition, gauge, type Metrics } from '@summit/platform/http';
import { type CommandGateway } from '@summit/runtime';
import { type DeadLetters } from './dead-letters.ts';
import { requestLines } from './http/request-counts.ts';
import { readModelGauges } from './read-models/gauges.ts';
import { type ReadModelAccess } from './read-models/read-model-access.ts';

/** What leaders say of themselves (a partition that nobody leads is missing), and what the api knows. */
export const metricsOfApi =
  (gateway: CommandGateway, readModels: ReadModelAccess, dead: DeadLetters): Metrics =>
  async () => {
    const [figures, letters] = await Promise.all([gateway.figures(), dead.byReason()]);
    return [
      ...gauge(
        'summit_runs_live',
        'Runs that have not ended.',
        byPartition(figures, ({ runs }) => runs),
      ),
      ...gauge(
        'summit_executors',
        'Executors that the leader knows.',
        byPartition(figures, ({ executors }) => executors),
      ),
      ...gauge(
        'summit_commits_pending',
        'Commits decided and not yet durable.',
        byPartition(figures, ({ pending }) => pending),
      ),
      ...gauge(
        'summit_leader_epoch',
        'How often the partition changed hands.',
        byPartition(figures, ({ epoch }) => epoch),
      ),
      ...gauge(
        'summit_dead_letters',
        'Commands of the last day that could not be read.',
        letters.map(([reason, count]) => [{ reason }, count]),
      ),
      ...readModelGauges(readModels.standing),
      ...requestLines(),
      ...gauge('process_resident_memory_bytes', 'Memory of the whole process.', [
        [{}, process.memoryUsage().rss],
      ]),
    ];
  };
