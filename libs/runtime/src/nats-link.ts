import { randomUUID } from 'node:crypto';
import { type ExecutorMessage, type LeaderMessage, readExecutorMessage } from '@summit/engine';
import { partitionToken, subjectToken } from '@summit/kernel';
import { type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { type ExecutorInbox, type ExecutorLink, type LeaderInbox, type LeaderLink } from './link.ts';
import { type Log } from './log.ts';
import { Assembly, toParts } from './parts.ts';

const ALL_EXECUTORS = 'summit.executor._all';
const ALL_PARTITIONS = 'summit.partition._all.executor';
const executorSubject = (id: string): string => `summit.executor.${subjectToken(id)}.leader`;
const partitionSubject = (partition: number): string =>
  `summit.partition.${partitionToken(partition)}.executor`;

/** Leaders and executors over NATS: JSON, one message a turn and pair, in parts where it is large. */
export class NatsLink implements ExecutorLink {
  readonly #nc: NatsConnection;
  readonly #log: Log;

  constructor(nc: NatsConnection, log: Log) {
    this.#nc = nc;
    this.#log = log;
  }

  send(executor: string, message: LeaderMessage): void {
    this.#publish(executorSubject(executor), message);
  }

  broadcast(message: LeaderMessage): void {
    this.#publish(ALL_EXECUTORS, message);
  }

  /** The way back, for executors. */
  readonly toLeaders: LeaderLink = {
    send: (partition, message) => {
      this.#publish(partitionSubject(partition), message);
    },
    broadcast: (message) => {
      this.#publish(ALL_PARTITIONS, message);
    },
  };

  /** What leaders say to an executor arrives in its inbox, until the given end is called. */
  joinExecutor(id: string, inbox: ExecutorInbox): () => void {
    return this.#hear([executorSubject(id), ALL_EXECUTORS], (text) => {
      inbox.receive(JSON.parse(text) as LeaderMessage);
    });
  }

  joinLeader(partition: number, inbox: LeaderInbox): () => void {
    return this.#hear([partitionSubject(partition), ALL_PARTITIONS], (text) => {
      inbox.receive(readExecutorMessage(JSON.parse(text)));
    });
  }

  /** Without a connection it is lost, as much else then; both sides compare notes when they meet again. */
  #publish(subject: string, message: LeaderMessage | ExecutorMessage): void {
    try {
      for (const part of toParts(JSON.stringify(message), randomUUID)) this.#nc.publish(subject, part);
    } catch (error) {
      this.#log.warn({ err: error, subject }, 'a message could not be sent');
    }
  }

  /** Who may publish on these subjects is a matter of NATS permissions: they are the runtime's own. */
  #hear(subjects: readonly string[], receive: (text: string) => void): () => void {
    const assembly = new Assembly();
    const subscriptions = subjects.map((subject): Subscription => {
      return this.#nc.subscribe(subject, {
        callback: (error, msg) => {
          if (error) return;
          try {
            const text = assembly.take(msg.data);
            if (text !== undefined) receive(text);
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
