import { parseId, partitionOf, partitionToken, RetryableError } from '@summit/kernel';
import { type NatsConnection } from '@nats-io/transport-node';
import { answerOf, runNotFound } from './leader/answers.ts';
import { type Answer, type Command, type RunQuery } from './leader/command.ts';
import { type Leader } from './leader/leader.ts';

/** Where an edge brings commands and questions; routed to the partition's leader. */
export interface CommandGateway {
  submit(command: Command): Promise<Answer>;
  query(query: RunQuery): Promise<Answer>;
}

/** The partition of a command: of its thread, or of the run that its id names. Undefined where the id is none of ours. */
export function partitionOfCommand({ tenant, body }: Command, partitions: number): number | undefined {
  if (body.verb === 'run.start') return partitionOf(tenant, body.threadId, partitions);
  return partitionOfRun(body.runId, partitions);
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

  query(query: RunQuery): Promise<Answer> {
    return this.#with(partitionOfRun(query.runId, this.#leaders.size), query, (leader, reply) => {
      leader.query(query, reply);
    });
  }

  #with(
    partition: number | undefined,
    target: object,
    use: (leader: Leader, reply: (answer: Answer) => void) => void,
  ): Promise<Answer> {
    if (partition === undefined) {
      return Promise.resolve(answerOf(runNotFound('runId' in target ? String(target.runId) : '')));
    }
    const leader = this.#leaders.get(partition)?.();
    if (!leader) return Promise.resolve(answerOf(noLeader(partition)));
    return new Promise((resolve) => {
      use(leader, resolve);
    });
  }
}

const noLeader = (partition: number): RetryableError =>
  new RetryableError(
    'NO_LEADER',
    `nobody leads partition ${String(partition)} at the moment`,
    'Send the same command with the same id again in a moment.',
  );

/** How long a leader may take to answer, milliseconds, besides what the caller itself waits. */
const ANSWER_MS = 35_000;

const commandSubject = (partition: number): string => `summit.partition.${partitionToken(partition)}.command`;
const querySubject = (partition: number): string => `summit.partition.${partitionToken(partition)}.query`;

/** Leaders of another process, over NATS. */
export class NatsGateway implements CommandGateway {
  readonly #nc: NatsConnection;
  readonly #partitions: number;

  constructor(nc: NatsConnection, partitions: number) {
    this.#nc = nc;
    this.#partitions = partitions;
  }

  submit(command: Command): Promise<Answer> {
    const partition = partitionOfCommand(command, this.#partitions);
    if (partition === undefined) return Promise.resolve(answerOf(runNotFound('')));
    return this.#ask(commandSubject(partition), command, ANSWER_MS, partition);
  }

  query(query: RunQuery): Promise<Answer> {
    const partition = partitionOfRun(query.runId, this.#partitions);
    if (partition === undefined) return Promise.resolve(answerOf(runNotFound(query.runId)));
    return this.#ask(querySubject(partition), query, ANSWER_MS + (query.waitMs ?? 0), partition);
  }

  async #ask(subject: string, body: object, timeout: number, partition: number): Promise<Answer> {
    try {
      return (await this.#nc.request(subject, JSON.stringify(body), { timeout })).json<Answer>();
    } catch {
      return answerOf(noLeader(partition));
    }
  }
}

/** Serves a leader to {@link NatsGateway}s; the given end is called to stop. */
export function serveGateway(
  nc: NatsConnection,
  partition: number,
  leader: () => Leader | undefined,
): () => void {
  const serve = <Body>(
    subject: string,
    use: (leader: Leader, body: Body, reply: (answer: Answer) => void) => void,
  ) =>
    nc.subscribe(subject, {
      callback: (error, msg) => {
        if (error) return;
        const reply = (answer: Answer): void => {
          msg.respond(JSON.stringify(answer));
        };
        const current = leader();
        if (current) use(current, msg.json<Body>(), reply);
        else reply(answerOf(noLeader(partition)));
      },
    });
  const subscriptions = [
    serve<Command>(commandSubject(partition), (current, command, reply) => {
      current.submit(command, reply);
    }),
    serve<RunQuery>(querySubject(partition), (current, query, reply) => {
      current.query(query, reply);
    }),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}
