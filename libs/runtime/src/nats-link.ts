import { type ExecutorMessage, type LeaderMessage } from '@summit/engine';
import { partitionToken, subjectToken } from '@summit/kernel';
import { type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { type ExecutorInbox, type ExecutorLink, type LeaderInbox, type LeaderLink } from './link.ts';
import { type Log } from './log.ts';

const ALL_EXECUTORS = 'summit.executor._all';
const ALL_PARTITIONS = 'summit.partition._all.executor';
const executorSubject = (id: string): string => `summit.executor.${subjectToken(id)}.leader`;
const partitionSubject = (partition: number): string =>
  `summit.partition.${partitionToken(partition)}.executor`;

/** Leaders and executors over NATS: JSON, one message a turn and pair. */
export class NatsLink implements ExecutorLink {
  readonly #nc: NatsConnection;
  readonly #log: Log;

  constructor(nc: NatsConnection, log: Log) {
    this.#nc = nc;
    this.#log = log;
  }

  send(executor: string, message: LeaderMessage): void {
    this.#nc.publish(executorSubject(executor), JSON.stringify(message));
  }

  broadcast(message: LeaderMessage): void {
    this.#nc.publish(ALL_EXECUTORS, JSON.stringify(message));
  }

  /** The way back, for executors. */
  readonly toLeaders: LeaderLink = {
    send: (partition, message) => {
      this.#nc.publish(partitionSubject(partition), JSON.stringify(message));
    },
    broadcast: (message) => {
      this.#nc.publish(ALL_PARTITIONS, JSON.stringify(message));
    },
  };

  /** What leaders say to an executor arrives in its inbox, until the given end is called. */
  joinExecutor(id: string, inbox: ExecutorInbox): () => void {
    return this.#hear([executorSubject(id), ALL_EXECUTORS], (msg) => {
      inbox.receive(msg.json<LeaderMessage>());
    });
  }

  joinLeader(partition: number, inbox: LeaderInbox): () => void {
    return this.#hear([partitionSubject(partition), ALL_PARTITIONS], (msg) => {
      inbox.receive(msg.json<ExecutorMessage>());
    });
  }

  /** Who may publish on these subjects is a matter of NATS permissions: they are the runtime's own. */
  #hear(subjects: readonly string[], receive: (msg: Msg) => void): () => void {
    const subscriptions = subjects.map((subject): Subscription => {
      return this.#nc.subscribe(subject, {
        callback: (error, msg) => {
          if (error) return;
          try {
            receive(msg);
          } catch (failure) {
            this.#log.error({ err: failure, subject }, 'a message was not understood');
          }
        },
      });
    });
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    };
  }
}
