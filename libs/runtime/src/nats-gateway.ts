/**
 * Commands and questions over NATS, to leaders of other processes.
 *
 * A leader that dies takes what it was asked with it. So the edge asks again, under the same command id, until a leader
 * answers: it was committed and is answered from memory, or it was not and is decided now, once either way. // C1.3
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isObject, partitionToken } from '@summit/kernel';
import { type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import {
  type CommandGateway,
  approvalsOfAll,
  noLeader,
  notFound,
  type PartitionFigures,
  partitionOfCommand,
  partitionOfQuery,
} from './command-gateway.ts';
import { answerOf } from './leader/answers.ts';
import { type Answer, type ApprovalsQuery, type Command, type Query, type Reply } from './leader/command.ts';
import { type Leader } from './leader/leader.ts';

/** How long a leader may be away before the caller is told, milliseconds. */
const PATIENCE_MS = 15_000;
/** The first try, milliseconds; each further one may take twice as long, so that a leader under load is not asked more. */
const TRY_MS = 1_000;
/** Between tries that nobody heard, milliseconds. */
const AGAIN_MS = 100;
/** One question holds a leader's answer for so long at most, milliseconds; then it is put again. */
const HOLD_MS = 5_000;

const commandSubject = (partition: number): string => `summit.partition.${partitionToken(partition)}.command`;
const querySubject = (partition: number): string => `summit.partition.${partitionToken(partition)}.query`;
const figuresSubject = (partition: number): string => `summit.partition.${partitionToken(partition)}.figures`;

/** Leaders of another process, over NATS. */
export class NatsGateway implements CommandGateway {
  readonly #nc: NatsConnection;
  readonly #partitions: number;

  constructor(nc: NatsConnection, partitions: number) {
    this.#nc = nc;
    this.#partitions = partitions;
  }

  /** A wait that is longer than a leader holds an answer goes on as a question about the run. */
  async submit(command: Command): Promise<Answer> {
    const { tenant, body, waitMs = 0 } = command;
    const partition = partitionOfCommand(command, this.#partitions);
    if (partition === undefined) return answerOf(notFound(body));
    const end = performance.now() + waitMs;
    const hold = Math.min(HOLD_MS, waitMs);
    const answer = await this.#ask(partition, commandSubject(partition), { ...command, waitMs: hold }, hold);
    const left = end - performance.now();
    const runId = left > 0 ? runUnderWay(answer) : undefined;
    return runId === undefined ? answer : this.query({ tenant, runId, waitMs: left });
  }

  async query(query: Query): Promise<Answer> {
    const partition = partitionOfQuery(query, this.#partitions);
    if (partition === undefined) return answerOf(notFound(query));
    const waitMs = 'waitMs' in query ? (query.waitMs ?? 0) : 0;
    const end = performance.now() + waitMs;
    for (;;) {
      const hold = Math.min(HOLD_MS, Math.max(0, end - performance.now()));
      const answer = await this.#ask(partition, querySubject(partition), { ...query, waitMs: hold }, hold);
      if (performance.now() >= end || runUnderWay(answer) === undefined) return answer;
    }
  }

  approvals(query: Omit<ApprovalsQuery, 'partition'>): Promise<Answer> {
    return approvalsOfAll(this, query, this.#partitions);
  }

  async figures(): Promise<readonly PartitionFigures[]> {
    const partitions = Array.from({ length: this.#partitions }, (_, partition) => partition);
    const figures = await Promise.all(
      partitions.map(async (partition) => {
        const asked = this.#nc.request(figuresSubject(partition), '', { timeout: TRY_MS });
        return asked.then((msg) => msg.json<PartitionFigures>()).catch(() => undefined);
      }),
    );
    return figures.filter((one) => one !== undefined);
  }

  async #ask(partition: number, subject: string, body: object, hold: number): Promise<Answer> {
    const text = JSON.stringify(body);
    const end = performance.now() + PATIENCE_MS;
    for (let tryMs = TRY_MS; ; tryMs *= 2) {
      const answer = await this.#try(subject, text, tryMs + hold);
      if (answer) return answer;
      if (performance.now() + AGAIN_MS >= end) return answerOf(noLeader(partition));
      await delay(AGAIN_MS);
    }
  }

  /** Undefined where nobody leads the partition now, or nobody said so in time. */
  async #try(subject: string, text: string, timeout: number): Promise<Answer | undefined> {
    try {
      const answer = (await this.#nc.request(subject, text, { timeout })).json<Answer>();
      const lost =
        !answer.ok && (answer.error.code === 'NO_LEADER' || answer.error.code === 'OUTCOME_UNKNOWN');
      return lost ? undefined : answer;
    } catch {
      return undefined;
    }
  }
}

/** The run that an answer tells of, where it has neither ended nor waits. */
function runUnderWay(answer: Answer): string | undefined {
  if (!answer.ok || !isObject(answer.value)) return undefined;
  const { runId, status } = answer.value;
  return typeof runId === 'string' && (status === 'running' || status === 'pending') ? runId : undefined;
}

/** Serves a leader to {@link NatsGateway}s; the given end is called to stop. */
export function serveGateway(
  nc: NatsConnection,
  partition: number,
  leader: () => Leader | undefined,
): () => void {
  const serve = (subject: string, use: (leader: Leader, msg: Msg, reply: Reply) => void): Subscription =>
    nc.subscribe(subject, {
      callback: (error, msg) => {
        if (error) return;
        const reply: Reply = (answer) => {
          msg.respond(JSON.stringify(answer));
        };
        try {
          const current = leader();
          if (current) use(current, msg, reply);
          else reply(answerOf(noLeader(partition)));
        } catch (failure) {
          reply(answerOf(failure));
        }
      },
    });
  const subscriptions = [
    serve(commandSubject(partition), (current, msg, reply) => {
      current.submit(msg.json<Command>(), reply);
    }),
    serve(querySubject(partition), (current, msg, reply) => {
      current.query(msg.json<Query>(), reply);
    }),
    serve(figuresSubject(partition), ({ figures }, msg) => {
      msg.respond(JSON.stringify({ partition, ...figures }));
    }),
  ];
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}
