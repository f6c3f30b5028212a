import {
  isObject,
  type Json,
  type NotFoundError,
  parseId,
  partitionOf,
  RetryableError,
} from '@summit/kernel';
import { answerOf, approvalNotFound, runNotFound } from './leader/answers.ts';
import { type Answer, type ApprovalsQuery, type Command, type Query } from './leader/command.ts';
import { type Leader } from './leader/leader.ts';

/** Where an edge brings commands and questions; routed to the partition's leader. */
export interface CommandGateway {
  submit(command: Command): Promise<Answer>;
  query(query: Query): Promise<Answer>;
  /** Questions to people, of every partition, the newest first. */
  approvals(query: Omit<ApprovalsQuery, 'partition'>): Promise<Answer>;
  /** Of every partition that is led, and answers. */
  figures(): Promise<readonly PartitionFigures[]>;
}

/** What a leader says of itself. */
export type PartitionFigures = Leader['figures'] & { readonly partition: number };

/** The partition of a command: of its thread, or of the run or approval that its id names. Undefined where the id is none of ours. */
export function partitionOfCommand({ tenant, body }: Command, partitions: number): number | undefined {
  if ('threadId' in body) return partitionOf(tenant, body.threadId, partitions);
  return partitionOfRun('approvalId' in body ? body.approvalId : body.runId, partitions);
}

/** The partition of a question; undefined where the run's id is none of ours. */
export function partitionOfQuery(query: Query, partitions: number): number | undefined {
  if ('threadId' in query) return partitionOf(query.tenant, query.threadId, partitions);
  if ('partition' in query) return query.partition;
  return partitionOfRun('approvalId' in query ? query.approvalId : query.runId, partitions);
}

export function partitionOfRun(runId: string, partitions: number): number | undefined {
  const partition = parseId(runId)?.partition;
  return partition !== undefined && partition < partitions ? partition : undefined;
}

/** Leaders of this process. */
export class LocalGateway implements CommandGateway {
  readonly #leaders: ReadonlyMap<number, () => Leader | undefined>;

  constructor(leaders: ReadonlyMap<number, () => Leader | undefined>) {
    this.#leaders = leaders;
  }

  submit(command: Command): Promise<Answer> {
    const partition = partitionOfCommand(command, this.#leaders.size);
    return this.#with(partition, command.body, (leader, reply) => {
      leader.submit(command, reply);
    });
  }

  query(query: Query): Promise<Answer> {
    return this.#with(partitionOfQuery(query, this.#leaders.size), query, (leader, reply) => {
      leader.query(query, reply);
    });
  }

  approvals(query: Omit<ApprovalsQuery, 'partition'>): Promise<Answer> {
    return approvalsOfAll(this, query, this.#leaders.size);
  }

  figures(): Promise<readonly PartitionFigures[]> {
    const figures = [...this.#leaders].flatMap(([partition, leader]) => {
      const current = leader();
      return current ? [{ partition, ...current.figures }] : [];
    });
    return Promise.resolve(figures);
  }

  #with(
    partition: number | undefined,
    target: object,
    use: (leader: Leader, reply: (answer: Answer) => void) => void,
  ): Promise<Answer> {
    if (partition === undefined) {
      return Promise.resolve(answerOf(notFound(target)));
    }
    const leader = this.#leaders.get(partition)?.();
    if (!leader) return Promise.resolve(answerOf(noLeader(partition)));
    return new Promise((resolve) => {
      use(leader, resolve);
    });
  }
}

/** Asks every partition; the first that can not answer answers for all. */
export async function approvalsOfAll(
  gateway: Pick<CommandGateway, 'query'>,
  query: Omit<ApprovalsQuery, 'partition'>,
  partitions: number,
): Promise<Answer> {
  const asked = Array.from({ length: partitions }, (_, partition) => gateway.query({ ...query, partition }));
  const answers = await Promise.all(asked);
  const values: Json[] = [];
  for (const answer of answers) {
    if (!answer.ok) return answer;
    if (Array.isArray(answer.value)) values.push(...(answer.value as readonly Json[]));
  }
  return { ok: true, value: values.toSorted((a, b) => requestedAt(b) - requestedAt(a)) };
}

const requestedAt = (approval: Json): number =>
  isObject(approval) && typeof approval['requestedAt'] === 'number' ? approval['requestedAt'] : 0;

/** What names none of our ids. */
export function notFound(target: object): NotFoundError {
  if ('approvalId' in target) return approvalNotFound(String(target.approvalId));
  return runNotFound('runId' in target ? String(target.runId) : '');
}

export const noLeader = (partition: number): RetryableError =>
  new RetryableError(
    'NO_LEADER',
    `nobody leads partition ${String(partition)} at the moment`,
    'Send the same command with the same id again in a moment.',
  );
